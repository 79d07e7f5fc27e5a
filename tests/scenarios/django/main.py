"""Django scenarios: main.py SCENARIO | seed N, with the database in SCENARIO_DB."""
import os
import sys

import django
from django.conf import settings

URL = os.environ["SCENARIO_DB"]
if "=" in URL:
    words = dict(part.split("=") for part in URL.split())
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": words["dbname"], "HOST": words["host"],
                "PORT": words["port"], "USER": words["user"], "DISABLE_SERVER_SIDE_CURSORS": False}
else:
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": URL}
settings.configure(DATABASES={"default": database}, INSTALLED_APPS=["django.contrib.contenttypes", "library"], USE_TZ=True,
                   DEFAULT_AUTO_FIELD="django.db.models.AutoField",
                   TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}])
django.setup()

if sys.argv[1] == "seed":
    from library import seed
    seed.fill(int(sys.argv[2]))
else:
    from library import pages, more_pages
    name = sys.argv[1]
    (getattr(pages, name, None) or getattr(more_pages, name))()
