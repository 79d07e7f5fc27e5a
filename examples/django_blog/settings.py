"""Settings of the blog. BLOG_DB chooses the database: a path (SQLite) or "postgresql" (then libpq's PGHOST, PGPORT …)."""
import os

BLOG_DB = os.environ.get("BLOG_DB", "blog.sqlite3")

if BLOG_DB == "postgresql":
    DATABASE = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("PGDATABASE", "blog"),
        "USER": os.environ.get("PGUSER", ""),
        "PASSWORD": os.environ.get("PGPASSWORD", ""),
        "HOST": os.environ.get("PGHOST", ""),
        "PORT": os.environ.get("PGPORT", ""),
    }
else:
    DATABASE = {"ENGINE": "django.db.backends.sqlite3", "NAME": BLOG_DB}

DATABASES = {"default": DATABASE}
INSTALLED_APPS = ["weblog.apps.WeblogConfig"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
SECRET_KEY = "a program without sessions has no secret"
USE_TZ = True
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {}}]
