import os, sqlite3
from functools import lru_cache
db = sqlite3.connect(os.environ["SCENARIO_DB"])
@lru_cache(maxsize=None)
def persona(codice):
    return db.execute("select nome from persona where codice = ?", (codice,)).fetchone()[0]  # @letters_x
rows = db.execute("select segnatura, mittente, destinatario, anno from documento order by anno").fetchall()
for segnatura, mittente, destinatario, anno in rows:
    print(anno, segnatura, persona(mittente), "->", persona(destinatario))
