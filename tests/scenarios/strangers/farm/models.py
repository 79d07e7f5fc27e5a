from django.db import models
class Breed(models.Model): name = models.CharField(max_length=20)
class Barn(models.Model): name = models.CharField(max_length=20)
class Cow(models.Model):
    name = models.CharField(max_length=20); breed = models.ForeignKey(Breed, models.CASCADE); barn = models.ForeignKey(Barn, models.CASCADE, related_name="cows")
    mother = models.ForeignKey("self", models.SET_NULL, null=True); notes = models.TextField()
class Passport(models.Model): cow = models.OneToOneField(Cow, models.CASCADE); number = models.CharField(max_length=20)
class Milking(models.Model): cow = models.ForeignKey(Cow, models.CASCADE, related_name="milkings"); litres = models.IntegerField()
