import os, django, psycopg2.extensions
from django.apps import AppConfig
from django.conf import settings
class MuseumConfig(AppConfig):
    name = "__main__"; label = "museum"
dsn = psycopg2.extensions.parse_dsn(os.environ["SCENARIO_DB"])
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": dsn["dbname"], "USER": dsn.get("user", ""), "HOST": dsn.get("host", ""), "PORT": dsn.get("port", "")}},
                   INSTALLED_APPS=["__main__.MuseumConfig"], DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()
from django.db import models
class Material(models.Model):
    label = models.TextField()
    class Meta: app_label = "museum"
class Artwork(models.Model):
    inv_no = models.CharField(max_length=12, primary_key=True); title = models.TextField()
    report = models.TextField(); materials = models.ManyToManyField(Material)
    class Meta: app_label = "museum"
for w in Artwork.objects.prefetch_related("materials"):
    print(w.title, [m.label for m in w.materials.filter(label__contains="o")])  # @museum_works_x
for w in Artwork.objects.only("inv_no", "title").order_by("title"):
    if len(w.report) > 3:  # @museum_works_y
        print(w.inv_no)
