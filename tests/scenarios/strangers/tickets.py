"""Django templates + generic foreign keys + permission checks."""
import os
import sys
import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY="x",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "desk"],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.locmem.Loader",
                        {
                            "list.html": """{% for t in tickets %}
{{ t.title }} by {{ t.reporter.name }}
{% for c in t.notes.all %}{{ c.text }}{% endfor %}
{% if t.watchers.exists %}watched {{ t.watchers.count }}{% endif %}
{% endfor %}""",
                            "fast.html": "{% for t in tickets %}{{ t.title }} {{ t.reporter.name }} {% for c in t.notes.all %}{{ c.text }}{% endfor %}{{ t.n }}{% endfor %}",
                            "one.html": "{{ t.title }}{{ t.reporter.name }}{% for c in t.notes.all %}{{ c.text }}{% endfor %}{% for w in t.watchers.all %}{{ w.name }}{% endfor %}",
                        },
                    )
                ]
            },
        }
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["SCENARIO_DB"]}},
)
django.setup()
from django.db import models, connection
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.auth.models import User, Group
from django.shortcuts import render, get_object_or_404
from django.urls import path
from desk.models import *
from desk.models import models


def ticket_list(request):
    return render(request, "list.html", {"tickets": Ticket.objects.all()})  # @tickets_1


def ticket_fast(request):
    return render(
        request, "fast.html", {"tickets": Ticket.objects.select_related("reporter").prefetch_related("notes").annotate(n=models.Count("watchers"))}
    )


def ticket(request, pk):
    return render(request, "one.html", {"t": get_object_or_404(Ticket, pk=pk)})


def logs(request):
    from django.http import HttpResponse

    return HttpResponse("\n".join(f"{l.what} {l.target}" for l in Log.objects.all()))  # @tickets_2


def logs_fast(request):
    from django.http import HttpResponse

    return HttpResponse("\n".join(f"{l.what} {l.target}" for l in Log.objects.prefetch_related("target")))


def staff(request):
    from django.http import HttpResponse

    out = []
    for u in User.objects.filter(is_active=True):
        if u.has_perm("auth.change_user"):  # @tickets_3
            out.append(u.username)
    return HttpResponse(",".join(out))


urlpatterns = [
    path("list/", ticket_list),
    path("fast/", ticket_fast),
    path("t/<int:pk>/", ticket),
    path("logs/", logs),
    path("logs2/", logs_fast),
    path("staff/", staff),
]


def seed():
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as e:
        for m in (Person, Ticket, Note, Log):
            e.create_model(m)
    Person.objects.bulk_create(Person(id=i, name=f"p{i}") for i in range(1, 16))
    Ticket.objects.bulk_create(Ticket(id=i, title=f"t{i}", reporter_id=i * 7 % 15 + 1) for i in range(1, 31))
    Note.objects.bulk_create(Note(ticket_id=i % 30 + 1, text=f"x{i}") for i in range(80))
    Ticket.watchers.through.objects.bulk_create(
        Ticket.watchers.through(ticket_id=i, person_id=(i + k * 4) % 15 + 1) for i in range(1, 31) for k in (1, 2)
    )
    tc, pc = ContentType.objects.get_for_model(Ticket), ContentType.objects.get_for_model(Person)
    Log.objects.bulk_create(Log(content_type=tc if i % 2 else pc, object_id=i % 14 + 1, what="edit") for i in range(24))
    g = Group.objects.create(name="g")
    User.objects.bulk_create(User(username=f"u{i}", is_active=True) for i in range(12))


if __name__ == "__main__":
    seed()
    from django.test import Client

    c = Client()
    for u in ["/list/", "/fast/", "/t/1/", "/t/2/", "/t/3/", "/logs/", "/logs2/", "/staff/"]:
        assert c.get(u).status_code == 200, u
