insert into lib_writer(name, born) values('Asha', '1970-02-03'), ('Ben "B"', null);
insert into lib_book(title, pages, price, published, in_print, class, writer_id, editor_id) values('The River', 120, 12.5, '2026-01-02 03:04:05', true, 'x', 1, 2), ('Hills', 500, null, '2026-02-02 03:04:05.000678', false, null, 1, null), ('Rivers', 90, 3, '2025-02-02 03:04:05', true, null, 2, 1);
insert into lib_tag(name) values('a'), ('b');
insert into lib_book_tags(book_id, tag_id) values(1, 1), (1, 2), (3, 1);
insert into lib_profile values(1, 'bio');
insert into pair values(1, 'x'), (1, 'y');
insert into "Odd Names"("Total Price", "x__y", "2nd", _tail_, "for") values(1.5, 2, 3, 4, '10:11:12');
