\set key random(1, 100)
\startpipeline
BEGIN;
SELECT :key::int + 1;
SELECT i FROM generate_series(1, 5) i WHERE i <> :key::int;
SELECT :key::int + 2;
END;
\endpipeline
