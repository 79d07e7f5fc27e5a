create table lib_writer(id serial primary key, name varchar(100) not null, born date);
create table lib_book(id bigserial primary key, title varchar(200) not null, pages integer not null check (pages >= 0), price numeric(8,2), published timestamptz not null, in_print boolean not null, "class" text, writer_id bigint not null references lib_writer(id) deferrable initially deferred, editor_id bigint references lib_writer(id));
create table lib_tag(id serial primary key, name text unique);
create table lib_book_tags(id bigserial primary key, book_id bigint not null references lib_book(id), tag_id bigint not null references lib_tag(id), unique(book_id, tag_id));
create table lib_profile(writer_id integer not null primary key references lib_writer(id), bio text);
create table pair(a int, b text, primary key(a, b));
create table "Odd Names"("Total Price" double precision, id serial primary key, "x__y" integer, "2nd" integer, _tail_ integer, "for" time);
