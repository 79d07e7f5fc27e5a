# The N+1 by the gem pg: loop_pg.rb URL
require "pg"
db = PG.connect(ARGV[0])
db.exec("CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT)")
db.exec("CREATE TABLE book(id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT)")
(1..12).each do |i|
  db.exec_params("INSERT INTO author VALUES ($1, $2)", [i, "author #{i}"])
  db.exec_params("INSERT INTO book VALUES ($1, $2, $3)", [100 + i, 13 - i, "book #{i}"])
end
db.exec("SELECT id, author_id, title FROM book ORDER BY id").each do |book|
  name = db.exec_params("SELECT name FROM author WHERE id = $1", [book["author_id"]]).getvalue(0, 0)
  puts "#{book["title"]} by #{name}"
end
