.bail off
.headers on
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES author, title TEXT, body BLOB);
INSERT INTO author (name) VALUES ('Asha'), ('Bela'), ('caf' || char(233));
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)
  INSERT INTO post (author_id, title, body) SELECT 1 + i % 3, 'post ' || i, x'00ff' FROM n;
.mode column
SELECT * FROM author;
.mode csv
SELECT id, title FROM post WHERE author_id = 2 ORDER BY id;
.mode insert copy
SELECT id, title, body FROM post LIMIT 3;
.mode json
SELECT id, hex(body) AS body FROM post LIMIT 3;
.mode quote
SELECT NULL, 1.5, 'it''s', x'0102';
.mode line
SELECT count(*) AS n, sum(author_id) AS s FROM post;
.mode box
SELECT name, (SELECT count(*) FROM post WHERE author_id = author.id) AS posts FROM author;
.mode list
.output posts.csv
.mode csv
SELECT id, author_id, title FROM post;
.output stdout
.mode list
CREATE TABLE imported (id INTEGER, author_id INTEGER, title TEXT);
.import --csv --skip 1 posts.csv imported
SELECT count(*), sum(id) FROM imported;
.import nonexistent.csv imported
.param init
.param set :author 2
SELECT title FROM post WHERE author_id = :author LIMIT 2;
.param clear
.tables
.schema author
.indexes
.databases
.dump author
.clone copy.db
.backup main saved.db
.save again.db
.restore main saved.db
SELECT count(*) FROM post;
.print --- errors
SELEC 1;
SELECT * FROM missing;
SELECT 'unclosed
';
INSERT INTO author VALUES (1, 'again');
INSERT INTO author (name) VALUES (NULL);
SELECT abs(-9223372036854775808);
.nonsense
.mode nonsense
.print --- transactions
BEGIN;
DELETE FROM post;
SELECT count(*) FROM post;
ROLLBACK;
SELECT count(*) FROM post;
SAVEPOINT a; UPDATE author SET name = upper(name); ROLLBACK TO a; RELEASE a;
SELECT group_concat(name) FROM author;
COMMIT;
.changes on
DELETE FROM imported WHERE id % 2;
.changes off
.eqp on
SELECT title FROM post WHERE id = 3;
.eqp off
.explain off
EXPLAIN QUERY PLAN SELECT * FROM post JOIN author ON author.id = author_id;
CREATE VIRTUAL TABLE words USING fts5(text);
INSERT INTO words VALUES ('to be or not'), ('the be in b');
SELECT text FROM words WHERE words MATCH 'be' ORDER BY rank, text;
CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1);
INSERT INTO boxes VALUES (1, 0, 1), (2, 5, 9);
SELECT id FROM boxes WHERE x0 < 3;
CREATE TRIGGER on_post AFTER DELETE ON post BEGIN INSERT INTO imported VALUES (old.id, old.author_id, 'gone'); END;
DELETE FROM post WHERE id < 4;
SELECT count(*) FROM imported WHERE title = 'gone';
CREATE INDEX post_author ON post (author_id);
ANALYZE;
REINDEX;
VACUUM;
ALTER TABLE author RENAME COLUMN name TO full_name;
SELECT full_name FROM author ORDER BY 1;
PRAGMA integrity_check;
PRAGMA journal_mode = WAL;
.timeout 10
.limit length
.sha3sum author
.fullschema
.stats off
.exit 3
