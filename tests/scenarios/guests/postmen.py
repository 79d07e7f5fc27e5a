import os, sqlite3
db = sqlite3.connect(os.environ["SCENARIO_DB"])
def q(sql, *args):
    return db.execute(sql, args).fetchall()
def route(cod):
    hops = []
    while cod:
        ciudad, cod = q("SELECT ciudad, oficina_madre FROM oficina WHERE cod = ?", cod)[0]  # @postmen_x
        hops.append(ciudad)
    return " < ".join(hops)
for nombre, oficina in q("SELECT nombre, oficina_cod FROM cartero ORDER BY nombre"):
    print(nombre, route(oficina))
