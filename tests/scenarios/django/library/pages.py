"""Pages that load relations one by one, and their mended twins."""
from django.db.models import Count, Exists, Max, OuterRef, Prefetch, prefetch_related_objects
from django.template import Context, Template

from .models import Address, Book, Chapter, Note, Publisher, Review, Writer


def forward():
    for book in Book.objects.order_by("id"):
        print(book.title, book.writer.name)  # @dj_forward


def forward_mended():
    for book in Book.objects.select_related("writer").order_by("id"):
        print(book.title, book.writer.name)


def forward_prefetched():
    for book in Book.objects.prefetch_related("writer"):
        print(book.title, book.writer.name)


def forward_nullable():
    for book in Book.objects.all():
        print(book.title, book.publisher and book.publisher.name)  # @dj_forward_nullable


def two_forward():
    for book in Book.objects.all():
        print(book.writer.name)  # @dj_two_writer
        print(book.publisher.name)  # @dj_two_publisher


def reverse_default():
    for writer in Writer.objects.all():
        print(writer.name, [b.title for b in writer.book_set.all()])  # @dj_reverse_default


def reverse_default_mended():
    for writer in Writer.objects.prefetch_related("book_set"):
        print(writer.name, [b.title for b in writer.book_set.all()])


def reverse_named():
    for publisher in Publisher.objects.all():
        for book in publisher.books.all():  # @dj_reverse_named
            print(publisher.name, book.title)


def reverse_named_mended():
    for publisher in Publisher.objects.prefetch_related("books"):
        for book in publisher.books.all():
            print(publisher.name, book.title)


def one_to_one_reverse():
    for writer in Writer.objects.all():
        print(writer.name, writer.address.city)  # @dj_one_to_one_reverse


def one_to_one_reverse_mended():
    for writer in Writer.objects.select_related("address"):
        print(writer.name, writer.address.city)


def one_to_one_forward():
    for address in Address.objects.all():
        print(address.city, address.writer.name)  # @dj_one_to_one_forward


def many_to_many():
    for book in Book.objects.all():
        print(book.title, [g.name for g in book.genres.all()])  # @dj_many_to_many


def many_to_many_mended():
    for book in Book.objects.prefetch_related("genres"):
        print(book.title, [g.name for g in book.genres.all()])


def nested():
    for publisher in Publisher.objects.all():
        for book in publisher.books.all():  # @dj_nested_books
            print(publisher.name, book.title, book.writer.name)  # @dj_nested_writer


def nested_half_mended():
    for publisher in Publisher.objects.prefetch_related("books"):
        for book in publisher.books.all():
            print(book.title, book.writer.name)  # @dj_nested_half


def nested_mended():
    for publisher in Publisher.objects.prefetch_related("books__writer"):
        for book in publisher.books.all():
            print(book.title, book.writer.name)


def nested_forward():
    for review in Review.objects.all():
        print(review.stars, review.book.writer.name)  # @dj_nested_forward


def nested_forward_mended():
    for review in Review.objects.select_related("book__writer"):
        print(review.stars, review.book.writer.name)


def count_each():
    for book in Book.objects.all():
        print(book.title, book.review_set.count())  # @dj_count_each


def count_each_mended():
    for book in Book.objects.annotate(n=Count("review")):
        print(book.title, book.n)


def exists_each():
    for writer in Writer.objects.all():
        print(writer.name, writer.book_set.exists())  # @dj_exists_each


def exists_each_mended():
    for writer in Writer.objects.annotate(wrote=Exists(Book.objects.filter(writer=OuterRef("pk")))):
        print(writer.name, writer.wrote)


def aggregate_each():
    for book in Book.objects.all():
        print(book.title, book.review_set.aggregate(Max("stars")))  # @dj_aggregate_each


def first_each():
    for book in Book.objects.all():
        print(book.title, book.review_set.order_by("-id").first())  # @dj_first_each


def filter_defeats_prefetch():
    for book in Book.objects.prefetch_related("review_set"):
        print(book.title, [r.reader for r in book.review_set.filter(stars__gte=2)])  # @dj_filter_defeats_prefetch


def filter_in_prefetch():
    good = Prefetch("review_set", queryset=Review.objects.filter(stars__gte=2), to_attr="good")
    for book in Book.objects.prefetch_related(good):
        print(book.title, [r.reader for r in book.good])


def count_defeats_nothing():
    for book in Book.objects.prefetch_related("review_set"):
        print(book.title, len(book.review_set.all()))


def only_then_other():
    for book in Book.objects.only("id", "title"):
        print(book.title, book.blurb)  # @dj_only_then_other


def deferred():
    for book in Book.objects.defer("blurb"):
        print(book.title, book.blurb)  # @dj_deferred


def only_enough():
    for book in Book.objects.only("id", "title"):
        print(book.title)


def get_each():
    for pk in list(Book.objects.values_list("writer_id", flat=True)):
        print(Writer.objects.get(pk=pk).name)  # @dj_get_each


def get_each_mended():
    found = Writer.objects.in_bulk(list(Book.objects.values_list("writer_id", flat=True)))
    print(len(found))


def in_property():
    for book in Book.objects.all():
        print(book.byline)


def in_template():
    template = Template("{% for book in books %}{{ book.title }}: {{ book.writer.name }}\n{% endfor %}")
    print(template.render(Context({"books": Book.objects.all()})))  # @dj_in_template


def in_template_mended():
    template = Template("{% for book in books %}{{ book.title }}: {{ book.writer.name }}\n{% endfor %}")
    print(template.render(Context({"books": Book.objects.select_related("writer")})))


def iterator_forward():
    for book in Book.objects.iterator(chunk_size=7):
        print(book.title, book.writer.name)  # @dj_iterator_forward


def chunks_prefetched():
    books = list(Book.objects.all())
    for start in range(0, len(books), 10):
        prefetch_related_objects(books[start:start + 10], "writer")
    for book in books:
        print(book.title, book.writer.name)


def generic_key():
    for note in Note.objects.order_by("id"):
        print(note.text, note.about)  # @dj_generic_key


def generic_key_mended():
    for note in Note.objects.prefetch_related("about"):
        print(note.text, note.about)


def self_key():
    for chapter in Chapter.objects.filter(parent__isnull=False):
        print(chapter.name, chapter.parent.name)  # @dj_self_key


def self_key_mended():
    for chapter in Chapter.objects.select_related("parent"):
        print(chapter.name, chapter.parent and chapter.parent.name)
