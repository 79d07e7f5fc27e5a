from django.db import models
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
class Person(models.Model):
    name = models.CharField(max_length=50)
class Ticket(models.Model):
    title = models.CharField(max_length=50); reporter = models.ForeignKey(Person, models.CASCADE)
    watchers = models.ManyToManyField(Person, related_name="watching")
class Note(models.Model):
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="notes"); text = models.TextField()
class Log(models.Model):
    content_type = models.ForeignKey(ContentType, models.CASCADE); object_id = models.PositiveIntegerField()
    target = GenericForeignKey(); what = models.CharField(max_length=10)
