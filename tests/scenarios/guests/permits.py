import os, django
from django.conf import settings
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["SCENARIO_DB"]}}, INSTALLED_APPS=[], USE_TZ=False, DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()
from django.db import models
class Garage(models.Model):
    city = models.CharField(max_length=30)
    class Meta: app_label = "rent"
class Van(models.Model):
    plate = models.CharField(max_length=12, primary_key=True)
    garage = models.ForeignKey(Garage, models.CASCADE)
    class Meta: app_label = "rent"
class Permit(models.Model):
    van = models.OneToOneField(Van, models.CASCADE)
    until = models.IntegerField()
    class Meta: app_label = "rent"
class Booking(models.Model):
    van = models.ForeignKey(Van, models.CASCADE)
    customer = models.CharField(max_length=20)
    class Meta: app_label = "rent"
    @property
    def pickup(self):
        return self.van.garage.city  # @permits_x
for b in Booking.objects.order_by("-customer"):
    print(b.customer, b.pickup)
for v in Van.objects.filter(garage__city__gt="City2"):
    print(v.plate, v.permit.until)  # @permits_y
