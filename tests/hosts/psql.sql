\set ON_ERROR_STOP 0
\pset pager off
CREATE TABLE author (id serial PRIMARY KEY, name text NOT NULL UNIQUE, born date, code uuid);
CREATE TABLE post (id serial PRIMARY KEY, author_id int REFERENCES author DEFERRABLE INITIALLY DEFERRED, title text, body bytea, tags text[]);
INSERT INTO author (name, born, code) SELECT 'author ' || i, date '2000-01-01' + i, md5(i::text)::uuid FROM generate_series(1, 20) i;
INSERT INTO post (author_id, title, body, tags) SELECT 1 + i % 20, 'post ' || i, decode(md5(i::text), 'hex'), ARRAY['a', i::text] FROM generate_series(1, 100) i;
SELECT count(*), sum(author_id) FROM post;
SELECT * FROM author ORDER BY id LIMIT 3;
SELECT 1 AS a \; SELECT 2 AS b \; SELECT 3 AS c;
\x
SELECT title, body, tags FROM post WHERE id = 7;
\x
\set key 5
SELECT title FROM post WHERE author_id = :key ORDER BY id;
SELECT 'SELECT name FROM author WHERE id = ' || i FROM generate_series(1, 5) i \gexec
SELECT id AS last_id FROM post ORDER BY id DESC LIMIT 1 \gset
\echo :last_id
SELECT title FROM post WHERE id = 3 \gx
SELECT 1 AS x \gdesc
SELECT i % 3 AS a, i % 2 AS b, i FROM generate_series(1, 6) i \crosstabview a b i
PREPARE find (int) AS SELECT name FROM author WHERE id = $1;
EXECUTE find(3);
EXECUTE find(4);
EXECUTE find('x');
DEALLOCATE find;
EXECUTE find(1);
\echo --- errors
SELEC 1;
SELECT * FROM missing;
INSERT INTO author (name) VALUES ('author 1');
INSERT INTO author (name) VALUES (NULL);
SELECT 1 / 0;
SELECT 'a'::int;
\echo :SQLSTATE :LAST_ERROR_SQLSTATE :ROW_COUNT
SELECT 'unclosed
';
\nonsense
\echo --- transactions
BEGIN;
DELETE FROM post WHERE id = 1;
SAVEPOINT a;
SELECT 1 / 0;
SELECT 2;
ROLLBACK TO a;
SELECT count(*) FROM post;
ROLLBACK;
BEGIN;
INSERT INTO post (author_id, title) VALUES (999, 'of nobody');
COMMIT;
\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT 1 / 0;
SELECT count(*) FROM post;
COMMIT;
\set AUTOCOMMIT off
DELETE FROM post WHERE id = 2;
ROLLBACK;
\set AUTOCOMMIT on
\echo --- cursors and copies
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id, title FROM post ORDER BY id;
FETCH 2 FROM c;
FETCH FORWARD 3 FROM c;
FETCH PRIOR FROM c;
MOVE 10 IN c;
FETCH c;
CLOSE c;
COMMIT;
\set FETCH_COUNT 7
SELECT id FROM post WHERE id < 20 ORDER BY id;
\unset FETCH_COUNT
COPY (SELECT id, title, body FROM post ORDER BY id LIMIT 3) TO STDOUT;
\copy (SELECT id, author_id, title FROM post ORDER BY id) TO 'posts.csv' CSV HEADER
CREATE TABLE imported (id int, author_id int, title text);
\copy imported FROM 'posts.csv' CSV HEADER
SELECT count(*), sum(id) FROM imported;
COPY imported FROM STDIN;
1	2	three
4	5	six
\.
COPY imported FROM STDIN;
not	a	row
\.
SELECT count(*) FROM imported;
\echo --- server
DO $$ BEGIN RAISE NOTICE 'a notice of %', 42; END $$;
CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT i * 2';
SELECT twice(id) FROM author WHERE id < 4 ORDER BY id;
LISTEN news;
NOTIFY news;
SET statement_timeout = '30ms';
SELECT pg_sleep(2);
RESET statement_timeout;
\d author
\dt
\df twice
\errverbose
\lo_import posts.csv
\lo_unlink :LASTOID
\echo --- the end: the connection is lost, and with it the script
SELECT pg_terminate_backend(pg_backend_pid());
