import os, json, django
from django.conf import settings
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["SCENARIO_DB"]}}, INSTALLED_APPS=[], DEFAULT_AUTO_FIELD="django.db.models.AutoField", USE_TZ=False)
django.setup()
from django.db import models
class Patient(models.Model):
    full_name = models.TextField()
    class Meta: app_label = "clinic"; db_table = "patients"
class Visit(models.Model):
    patient = models.ForeignKey(Patient, models.CASCADE)
    at = models.TextField(); fee = models.IntegerField()
    class Meta: app_label = "clinic"; db_table = "visits"
class Prescription(models.Model):
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="scripts")
    drug_code = models.TextField(); dose = models.IntegerField()
    class Meta: app_label = "clinic"; db_table = "prescriptions"
class Field:
    def __init__(self, get): self.get = get
class VisitSerializer:
    fields = {"who": Field(lambda v: v.patient.full_name),  # @django_serializer_x
              "drugs": Field(lambda v: [p.drug_code for p in v.scripts.all()]),  # @django_serializer_y
              "fee": Field(lambda v: v.fee)}
    def one(self, v): return {k: f.get(v) for k, f in self.fields.items()}
    def many(self, qs): return [self.one(v) for v in qs]
print(json.dumps(VisitSerializer().many(Visit.objects.order_by("at"))))
