\set key random(1, 100)
\set other random(1, 100)
BEGIN;
SELECT :key::int + :other::int;
SELECT i FROM generate_series(1, 5) i WHERE i <> :key::int;
SELECT :key::int AS a, :other::int AS b \gset
END;
