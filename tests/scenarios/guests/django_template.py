import os, django
from django.conf import settings
dsn = dict(p.split("=", 1) for p in os.environ["SCENARIO_DB"].split())
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": dsn["dbname"], "HOST": dsn["host"], "PORT": dsn["port"], "USER": dsn.get("user", "postgres")}}, INSTALLED_APPS=[], DEFAULT_AUTO_FIELD="django.db.models.AutoField", USE_TZ=False,
  TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}])
django.setup()
from django.db import models
from django.template import engines
class Staff(models.Model):
    login = models.TextField(primary_key=True); display = models.TextField()
    class Meta: app_label = "cms"; db_table = "staff"
class Page(models.Model):
    title = models.TextField(); hidden = models.IntegerField()
    author_login = models.ForeignKey(Staff, models.CASCADE, db_column="author_login")
    class Meta: app_label = "cms"; db_table = "pages"
t = engines["django"].from_string("{% for p in pages %}{{ p.title }}: {{ p.author_login.display }}\n{% endfor %}")
def view():
    return t.render({"pages": Page.objects.filter(hidden=0).order_by("title")})  # @django_template_x
print(view())
