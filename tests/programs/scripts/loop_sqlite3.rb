# The N+1 by the gem sqlite3: loop_sqlite3.rb FILE
require "sqlite3"
db = SQLite3::Database.new(ARGV[0])
db.execute("CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT)")
db.execute("CREATE TABLE book(id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT)")
(1..12).each do |i|
  db.execute("INSERT INTO author VALUES (?, ?)", [i, "author #{i}"])
  db.execute("INSERT INTO book VALUES (?, ?, ?)", [100 + i, 13 - i, "book #{i}"])
end
db.execute("SELECT id, author_id, title FROM book ORDER BY id").each do |_, key, title|
  puts "#{title} by #{db.get_first_value("SELECT name FROM author WHERE id = ?", [key])}"
end
