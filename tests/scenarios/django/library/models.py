from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Publisher(models.Model):
    name = models.CharField(max_length=100)


class Writer(models.Model):
    name = models.CharField(max_length=100)
    born = models.IntegerField(default=1900)


class Address(models.Model):
    writer = models.OneToOneField(Writer, models.CASCADE)
    city = models.CharField(max_length=100)


class Genre(models.Model):
    name = models.CharField(max_length=50)


class Book(models.Model):
    title = models.CharField(max_length=200)
    blurb = models.TextField()
    pages = models.IntegerField()
    writer = models.ForeignKey(Writer, models.CASCADE)
    publisher = models.ForeignKey(Publisher, models.SET_NULL, null=True, related_name="books")
    genres = models.ManyToManyField(Genre, related_name="books")

    @property
    def byline(self):
        return f"{self.title} by {self.writer.name}"  # @dj_byline


class Review(models.Model):
    book = models.ForeignKey(Book, models.CASCADE)
    reader = models.CharField(max_length=50)
    stars = models.IntegerField()


class Chapter(models.Model):
    parent = models.ForeignKey("self", models.CASCADE, null=True)
    name = models.CharField(max_length=50)


class Note(models.Model):
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveIntegerField()
    about = GenericForeignKey()
    text = models.CharField(max_length=50)


class Stock(models.Model):
    book = models.ForeignKey(Book, models.CASCADE, related_name="stocks")
    amount = models.IntegerField(default=0)
