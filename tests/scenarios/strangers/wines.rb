# ruby pg: exec_params in helper methods, prepared statement; each_slice innocent
require "pg"
DB = PG.connect(ENV["SCENARIO_DB"])
DB.exec("DROP TABLE IF EXISTS wine, cellar, tasting; CREATE TABLE cellar(id int primary key, place text); CREATE TABLE wine(id int primary key, cellar_id int, name text); CREATE TABLE tasting(wine_id int, taster text, points int);
INSERT INTO cellar SELECT i, 'c'||i FROM generate_series(1,7) i; INSERT INTO wine SELECT i*11, i%7+1, 'w'||i FROM generate_series(1,28) i; INSERT INTO tasting SELECT (i%28+1)*11, 't'||i%3, i%20 FROM generate_series(1,140) i")
def q(sql, *args) = DB.exec_params(sql, args).to_a
DB.prepare("best", "SELECT taster, points FROM tasting WHERE wine_id = $1 ORDER BY points DESC LIMIT 1")
def cellar_of(w) = q("SELECT place FROM cellar WHERE id = $1", w["cellar_id"]).first # @wines_1
def best(w) = DB.exec_prepared("best", [w["id"]]).first # @wines_2
q("SELECT id, name, cellar_id FROM wine ORDER BY name").each { |w| puts [w["name"], cellar_of(w)["place"], best(w)].inspect }
q("SELECT id FROM wine").each_slice(10) do |part|
  q("SELECT wine_id, avg(points) FROM tasting WHERE wine_id IN (#{part.map { |w| w["id"] }.join(",")}) GROUP BY 1")
end
%w[t0 t1 t2].each { |t| q("SELECT max(points) FROM tasting WHERE taster = $1", t) }
