"""Fifteen requests of Django's test client, and nothing but the look-up in each: whether the loop is theirs, nothing tells for certain."""
import os

import django
from django.conf import settings

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["SCENARIO_DB"]}}, INSTALLED_APPS=[],
                   DEFAULT_AUTO_FIELD="django.db.models.AutoField", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="a guest")
django.setup()
from django.db import models
from django.http import HttpResponse
from django.test import Client
from django.urls import path


class Album(models.Model):
    title = models.TextField()

    class Meta:
        app_label = "music"
        db_table = "albums"


def show(request, number):
    try:
        return HttpResponse(Album.objects.get(id=number).title)  # @client_one_query_x
    except Album.DoesNotExist:
        return HttpResponse("none")


urlpatterns = [path("album/<int:number>", show)]
client = Client(raise_request_exception=False)  # small tables have not as many albums
for number in range(1, 16):
    print(client.get(f"/album/{number}").content.decode())
