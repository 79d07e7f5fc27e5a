"""models.h for Django, in an app of its own."""
from django.db import models


class Base(models.Model):
    class Meta:
        abstract = True
        app_label = "lib"


class Team(Base):
    name = models.CharField(max_length=20, unique=True)
    city = models.CharField(max_length=20, null=True)

    class Meta:
        app_label = "lib"
        db_table = "s_team"
        ordering = ["name"]


class Person(Base):
    name = models.CharField(max_length=20)
    age = models.IntegerField(null=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="people")
    boss = models.ForeignKey("self", models.CASCADE, null=True, related_name="crew")
    friends = models.ManyToManyField("self")
    follows = models.ManyToManyField("self", symmetrical=False, related_name="followers")

    class Meta:
        app_label = "lib"
        db_table = "s_person"


class Badge(Base):
    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="badge")
    code = models.CharField(max_length=10)

    class Meta:
        app_label = "lib"
        db_table = "s_badge"


class Club(Base):
    name = models.CharField(max_length=20)
    members = models.ManyToManyField(Person, through="Membership", related_name="clubs")

    class Meta:
        app_label = "lib"
        db_table = "s_club"


class Membership(Base):
    club = models.ForeignKey(Club, models.CASCADE)
    person = models.ForeignKey(Person, models.CASCADE)
    role = models.CharField(max_length=20, default="member")
    since = models.IntegerField(default=2000)

    class Meta:
        app_label = "lib"
        db_table = "s_membership"
        unique_together = [("club", "person")]
        get_latest_by = "since"
        constraints = [
            models.CheckConstraint(check=models.Q(since__gte=1900), name="s_since"),
            models.UniqueConstraint(fields=["club"], condition=models.Q(role="boss"), name="s_one_boss"),
        ]


class Tag(Base):
    name = models.CharField(max_length=20, primary_key=True)
    weight = models.IntegerField(default=0)

    class Meta:
        app_label = "lib"
        db_table = "s_tag"


class Article(Base):
    title = models.CharField(max_length=50)
    slug = models.SlugField(max_length=50, unique=True)
    author = models.ForeignKey(Person, models.PROTECT, related_name="articles")
    editor = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="edited")
    published = models.BooleanField(default=False)
    words = models.PositiveIntegerField(default=0)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    day = models.DateField(null=True)
    at = models.DateTimeField(null=True)
    tags = models.ManyToManyField(Tag, related_name="articles")

    class Meta:
        app_label = "lib"
        db_table = "s_article"
        ordering = ["-words", "title"]


class Comment(Base):
    article = models.ForeignKey(Article, models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="replies")
    text = models.TextField()
    likes = models.IntegerField(default=0)

    class Meta:
        app_label = "lib"
        db_table = "s_comment"


class Country(Base):
    code = models.CharField(max_length=2, unique=True)
    name = models.CharField(max_length=20)

    class Meta:
        app_label = "lib"
        db_table = "s_country"


class City(Base):
    name = models.CharField(max_length=20)
    country = models.ForeignKey(Country, models.CASCADE, to_field="code", related_name="cities", related_query_name="city")

    class Meta:
        app_label = "lib"
        db_table = "s_city"


class Lock(Base):
    person = models.ForeignKey(Person, models.RESTRICT, related_name="locks")
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="locks")

    class Meta:
        app_label = "lib"
        db_table = "s_lock"


class Task(Base):
    name = models.CharField(max_length=20)
    owner = models.ForeignKey(Team, models.SET_DEFAULT, default=1, related_name="tasks")
    hours = models.FloatField(default=0.5)
    opens = models.TimeField(null=True)
    data = models.JSONField(null=True)

    class Meta:
        app_label = "lib"
        db_table = "s_task"


class Token(Base):
    key = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, models.DO_NOTHING, null=True, related_name="tokens")
    next = models.ForeignKey("self", models.SET_NULL, null=True, related_name="previous")

    class Meta:
        app_label = "lib"
        db_table = "s_token"
