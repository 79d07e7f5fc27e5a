"""Django: only/defer, values_list loops, get in loop, reverse one-to-one, filter on prefetched, exists per row, admin-like save in loop, iterator."""
import sys
import os
import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["farm"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["SCENARIO_DB"]}},
)
django.setup()
from django.db import connection
from django.db.models import Prefetch, Count
from farm.models import *

with connection.schema_editor() as e:
    for m in (Breed, Barn, Cow, Passport, Milking):
        e.create_model(m)
Breed.objects.bulk_create(Breed(id=i, name=f"b{i}") for i in range(1, 6))
Barn.objects.bulk_create(Barn(id=i, name=f"barn{i}") for i in range(1, 9))
Cow.objects.bulk_create(
    Cow(id=i, name=f"cow{i}", breed_id=i % 5 + 1, barn_id=i * 3 % 8 + 1, mother_id=i - 7 if i > 20 else None, notes="x" * 20) for i in range(1, 41)
)
Passport.objects.bulk_create(Passport(cow_id=i, number=f"PP{i:05d}") for i in range(1, 41))
Milking.objects.bulk_create(Milking(cow_id=i % 40 + 1, litres=i % 9) for i in range(160))


def deferred():
    for c in Cow.objects.only("name"):
        print(c.name, c.notes)  # @cows_1


def passports():
    for c in Cow.objects.all():
        print(c.passport.number)  # @cows_2


def mothers():
    for c in Cow.objects.exclude(mother=None).iterator():
        print(c.mother.name)  # @cows_3


def good_milk():
    for b in Barn.objects.prefetch_related("cows"):
        print(b.cows.filter(breed_id=2).count())  # @cows_4


def names(ids):
    return [Cow.objects.get(pk=i).name for i in ids]  # @cows_5


def empty_barns():
    return [b.name for b in Barn.objects.all() if not b.cows.exists()]  # @cows_6


def mended():
    for c in Cow.objects.select_related("breed", "passport", "mother").prefetch_related(
        Prefetch("milkings", queryset=Milking.objects.filter(litres__gt=3), to_attr="good")
    ):
        print(c.breed.name, c.passport.number, c.mother and c.mother.name, len(c.good))
    for b in Barn.objects.annotate(n=Count("cows")):
        print(b.n)


def fatten():
    for c in Cow.objects.filter(breed_id=1):
        c.notes += "!"
        c.save()  # @cows_7


def nested():
    for b in Barn.objects.all()[:4]:
        for c in b.cows.all():  # @cows_8
            print(c.breed.name)  # @cows_9


deferred()
passports()
mothers()
good_milk()
names(Cow.objects.order_by("name").values_list("id", flat=True))
empty_barns()
mended()
fatten()
nested()
c = Cow.objects.get(pk=9)
print(c.breed.name, c.barn.name, c.milkings.count())
