"""Writes, repetitions, and pages that are right as they are."""
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.db.models import F

from .models import Book, Chapter, Genre, Publisher, Review, Stock, Writer


def create_each():
    for i in range(30):
        Genre.objects.create(name=f"new {i}")  # @dj_create_each


def bulk_create():
    Genre.objects.bulk_create(Genre(name=f"new {i}") for i in range(30))


def save_each():
    for book in Book.objects.all():
        book.title = book.title.upper()
        book.save(update_fields=["title"])  # @dj_save_each


def bulk_update():
    books = list(Book.objects.all())
    for book in books:
        book.title = book.title.upper()
    Book.objects.bulk_update(books, ["title"])


def delete_each():
    for stock in Stock.objects.all():
        stock.delete()  # @dj_delete_each


def delete_all():
    Stock.objects.all().delete()


def sell():
    stock = Stock.objects.get(book_id=1)
    stock.amount -= 1
    stock.save()  # @dj_sell


def sell_by_expression():
    Stock.objects.filter(book_id=1).update(amount=F("amount") - 1)


def sell_locked():
    with transaction.atomic():
        stock = Stock.objects.select_for_update().get(book_id=1)
        stock.amount -= 1
        stock.save()


def get_or_create_each():
    for i in range(25):
        Genre.objects.get_or_create(name=f"genre {i * 37 % 100}")  # @dj_get_or_create


def same_count_again():
    for book in Book.objects.all():
        print(book.title, Genre.objects.count())  # @dj_same_count_again


def reload_again():
    writer = Writer.objects.get(pk=1)
    for _ in range(10):
        writer.refresh_from_db()  # @dj_reload_again


def one_detail_page():
    book = Book.objects.get(pk=1)
    print(book.writer.name, book.publisher.name, list(book.genres.all()), book.review_set.count())


def pages():
    for page in Paginator(Book.objects.select_related("writer").order_by("id"), 10):
        print([b.writer.name for b in page])


def pages_with_loop():
    for page in Paginator(Book.objects.order_by("id"), 10):
        for book in page:
            print(book.writer.name)  # @dj_pages_with_loop


def chapters_below(chapter, depth):
    for child in chapter.chapter_set.all():  # @dj_tree
        print(" " * depth, child.name)
        chapters_below(child, depth + 1)


def tree():
    for root in Chapter.objects.filter(parent=None):
        chapters_below(root, 1)


def names_of(books):
    return [book.writer.name for book in books]  # @dj_two_callers


def two_callers():
    print(names_of(Book.objects.filter(pages__gte=200)))
    print(names_of(Book.objects.filter(pages__lt=200)))


def two_requests_one_book_each():
    for pk in (3, 5):
        book = Book.objects.get(pk=pk)
        print(book.writer.name)


def raw_loop():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, title FROM library_book")
        for book_id, title in cursor.fetchall():
            cursor.execute("SELECT reader FROM library_review WHERE book_id = %s", [book_id])  # @dj_raw_loop
            print(title, len(cursor.fetchall()))


def first_of_list_only():
    books = list(Book.objects.all())
    print(books[0].writer.name if books else "")


def values_joined():
    for title, name in Book.objects.values_list("title", "writer__name"):
        print(title, name)


def filter_each():
    for writer in Writer.objects.all():
        print(writer.name, list(Book.objects.filter(writer=writer, pages__gt=100)))  # @dj_filter_each


def serializer():
    def publisher_dict(book):
        return {"name": book.publisher.name}  # @dj_serializer

    def book_dict(book):
        return {"title": book.title, "publisher": publisher_dict(book)}

    print([book_dict(b) for b in Book.objects.all()])


def review_titles():
    for review in Review.objects.filter(stars=5):
        print(review.book.title)  # @dj_review_titles


def publishers_in_python():
    names = {p.pk: p.name for p in Publisher.objects.all()}
    for book in Book.objects.all():
        print(book.title, names.get(book.publisher_id))
