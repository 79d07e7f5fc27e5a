from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from .models import Address, Book, Chapter, Genre, Note, Publisher, Review, Stock, Writer


def fill(n):
    with connection.schema_editor() as editor:
        editor.create_model(ContentType)
        for model in apps.get_app_config("library").get_models():
            editor.create_model(model)
    writers = n if n < 10 else n * 2 // 3
    Publisher.objects.bulk_create(Publisher(name=f"Publisher {i}") for i in range(max(2, n // 4)))
    Writer.objects.bulk_create(Writer(name=f"Writer {i}", born=1900 + i) for i in range(writers))
    Address.objects.bulk_create(Address(writer_id=writers - i, city=f"City {i}") for i in range(writers))
    Genre.objects.bulk_create(Genre(name=f"Genre {i}") for i in range(6))
    Book.objects.bulk_create(Book(title=f"Book {i}", blurb=f"blurb {i}", pages=100 + i * 37 % 400, writer_id=i * 7 % writers + 1,
                                  publisher_id=i % max(2, n // 4) + 1) for i in range(n))
    Book.genres.through.objects.bulk_create(Book.genres.through(book_id=i + 1, genre_id=(i * 5 + k * 2) % 6 + 1)
                                            for i in range(n) for k in (0, 1))
    Review.objects.bulk_create(Review(book_id=i * 3 % n + 1, reader=f"reader {i}", stars=i % 5 + 1) for i in range(3 * n))
    Chapter.objects.bulk_create(Chapter(parent_id=(i + 1) // 3 + (i < 2) if i else None, name=f"Chapter {i}") for i in range(n))
    Stock.objects.bulk_create(Stock(book_id=i + 1, amount=50 + i) for i in range(n))
    kinds = [ContentType.objects.create(app_label="library", model=m) for m in ("book", "writer")]
    Note.objects.bulk_create(Note(content_type=kinds[i % 2], object_id=i * 5 % (n if i % 2 == 0 else writers) + 1, text=f"note {i}")
                             for i in range(n))
