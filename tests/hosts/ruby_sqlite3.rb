# What Ruby's sqlite3 does, said aloud: run.py compares the output with and without the profiler.
require "sqlite3"

$stdout.sync = true

def tried
  value = yield
  p [:gives, value]
rescue StandardError => error
  p [error.class.name, error.message, error.respond_to?(:code) ? error.code : nil]
end

db = SQLite3::Database.new("ruby.db")
db.execute("CREATE TABLE v (id INTEGER PRIMARY KEY, x, y TEXT)")
puts "# values"
[nil, 0, -1, 2**62, 2**64, 1.5, "", "caf\u00e9 \u{1f40d}", "a\0b", SQLite3::Blob.new("\0\xff"), :symbol, true, Object.new.class].each do |value|
  tried { db.execute("INSERT INTO v (x) VALUES (?)", [value]); [db.last_insert_row_id, db.changes] }
end
db.execute("SELECT id, x, typeof(x) FROM v ORDER BY id") { |row| p row }
tried { db.execute("SELECT :a, :b", "a" => 1, "b" => "two") }
tried { db.execute("SELECT ?, ?", [1]) }
tried { db.execute("SELECT ?", [1, 2, 3]) }
tried { db.get_first_row("SELECT 1, 2") }
tried { db.get_first_value("SELECT count(*) FROM v") }
tried { db.execute2("SELECT id, x FROM v WHERE id < 3") }
db.results_as_hash = true
tried { db.execute("SELECT id, x FROM v WHERE id = 1") }
db.results_as_hash = false

puts "# statements"
find = db.prepare("SELECT x FROM v WHERE id = ?")
(1..12).each do |id|
  find.bind_param(1, id)
  p [id, find.step, find.done?, find.step, find.done?]
  find.reset!
end
p find.columns, find.types
find.execute(3) { |result| p result.to_a }
find.close
tried { find.execute(1) }
cursor = db.query("SELECT id FROM v ORDER BY id LIMIT 5")
while (row = cursor.next)
  p [row, db.get_first_value("SELECT typeof(x) FROM v WHERE id = ?", row[0])]
end
cursor.close
db.execute_batch("CREATE TABLE b (x); INSERT INTO b VALUES (1); INSERT INTO b VALUES (2); -- end\n")
p db.execute("SELECT x FROM b")
tried { db.execute_batch("INSERT INTO b VALUES (3); INSERT INTO nowhere VALUES (4); INSERT INTO b VALUES (5)") }
p db.execute("SELECT count(*) FROM b")

puts "# errors"
["", "-- nothing", "SELEC 1", "SELECT * FROM missing", "INSERT INTO v (id) VALUES (1)", "SELECT 'unclosed", "CREATE TABLE v (x)",
 "SELECT abs(-9223372036854775808)", "SELECT 1; SELECT 2"].each { |sql| tried { db.execute(sql) } }
p db.errcode, db.errmsg, db.complete?("SELECT 1;"), db.complete?("SELECT 1")

puts "# transactions"
tried { db.transaction { |d| d.execute("DELETE FROM b"); d.transaction_active? } }
tried { db.transaction { |d| d.execute("DELETE FROM v"); raise "changed my mind" } }
p db.get_first_value("SELECT count(*) FROM v"), db.transaction_active?
db.transaction(:immediate)
tried { db.transaction }
db.rollback
other = SQLite3::Database.new("ruby.db")
other.busy_timeout(0)
db.transaction(:exclusive) { tried { other.execute("SELECT count(*) FROM v") } }
tried { other.execute("SELECT count(*) FROM v") }

puts "# callbacks"
db.create_function("twice", 1) { |function, value| function.result = value * 2 }
db.create_function("asks", 1) { |function, key| function.result = db.get_first_value("SELECT typeof(x) FROM v WHERE id = ?", key) }
tried { db.execute("SELECT twice(21), asks(6)") }
db.create_aggregate("longest", 1) do
  step { |context, value| context[:best] = [context[:best].to_s, value.to_s].max_by(&:length) }
  finalize { |context| context.result = context[:best] }
end
tried { db.execute("SELECT longest(name) FROM (SELECT 'a' AS name UNION SELECT 'abc' UNION SELECT 'ab')") }
db.collation("backwards", Class.new { def compare(a, b) = b <=> a }.new)
tried { db.execute("SELECT x FROM (SELECT 'a' AS x UNION SELECT 'b') ORDER BY x COLLATE backwards") }
db.authorizer { |action, *| action == 9 ? 1 : 0 }
tried { db.execute("DELETE FROM v") }
db.authorizer
seen = []
db.trace { |sql| seen << sql }
db.execute("SELECT 1")
db.trace
p seen
copy = SQLite3::Database.new(":memory:")
backup = SQLite3::Backup.new(copy, "main", db, "main")
p backup.step(-1), backup.remaining, backup.pagecount.positive?
backup.finish
p copy.get_first_value("SELECT count(*) FROM v")

puts "# threads, signals, children"
totals = 4.times.map do |number|
  Thread.new do
    own = SQLite3::Database.new(":memory:")
    own.execute("CREATE TABLE t (x)")
    20.times { |i| own.execute("INSERT INTO t VALUES (?)", [number * i]) }
    own.get_first_value("SELECT sum(x) FROM t").tap { own.close }
  end
end
p totals.map(&:value)
got = []
trap("USR1") { got << db.get_first_value("SELECT 7") }
10.times do
  Process.kill("USR1", Process.pid)
  db.execute("SELECT count(*) FROM v")
end
sleep 0.001 until got.any?
p got.uniq
child = fork { exit!(SQLite3::Database.new("ruby.db").get_first_value("SELECT count(*) FROM v")) }
Process.wait(child)
p $?.exitstatus
GC.start
[copy, other, db].each(&:close)
tried { db.execute("SELECT 1") }
