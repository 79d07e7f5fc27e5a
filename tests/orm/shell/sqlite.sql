create table lib_writer(id integer not null primary key autoincrement, name varchar(100) not null, born date);
create table lib_book(id integer not null primary key autoincrement, title varchar(200) not null, pages integer unsigned not null check (pages >= 0), price decimal(8,2), published datetime not null, in_print bool not null, "class" text, writer_id bigint not null references lib_writer(id) deferrable initially deferred, editor_id bigint references lib_writer(id));
create table lib_tag(id integer primary key, name text unique);
create table lib_book_tags(id integer not null primary key autoincrement, book_id bigint not null references lib_book(id), tag_id bigint not null references lib_tag(id), unique(book_id, tag_id));
create table lib_profile(writer_id integer not null primary key references lib_writer(id), bio text);
create table pair(a int, b text, primary key(a, b));
create table "Odd Names"("Total Price" numeric(6,2), id integer primary key, "x__y" integer, "2nd" integer, _tail_ integer, "for" time);
