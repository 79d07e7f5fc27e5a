# What Ruby's pg does, said aloud: run.py compares the output with and without the profiler.
require "pg"

$stdout.sync = true

def tried
  value = yield
  value = [value.cmd_status, value.ntuples, value.cmd_tuples, value.values, value.fields] if value.is_a?(PG::Result)
  p [:gives, value]
rescue StandardError => error
  p [error.class.name, error.message.lines.first, error.respond_to?(:result) && error.result ? error.result.error_field(PG::PG_DIAG_SQLSTATE) : nil]
end

db = PG.connect
notices = []
db.set_notice_processor { |text| notices << text }
puts "# values"
db.exec("CREATE TABLE v (id serial PRIMARY KEY, t text, n bigint, r float8, b bytea, a int[])")
[["Asha", 1, 1.5, nil], [nil, nil, nil, nil], ["", 0, -0.5, "{1,2}"], ["caf\u00e9 \u{1f40d}", 2**62, "NaN", "{}"], ["it's \\", "12", 3, "{NULL}"]].each do |t, n, r, a|
  tried { db.exec_params("INSERT INTO v (t, n, r, b, a) VALUES ($1, $2, $3, $4, $5) RETURNING *", [t, n, r, { value: "\0\xff#{t}", format: 1 }, a]) }
end
tried { db.exec_params("SELECT * FROM v ORDER BY id", [], 1).values.map { |row| row.map { |cell| cell&.unpack1("H*") } } }
tried { db.exec_params("SELECT $1::int + $2", [1]) }
tried { db.exec_params("SELECT $1::int", ["x"]) }
tried { db.exec_params("SELECT $1::int4", [{ value: [7].pack("N"), type: 23, format: 1 }]) }
tried { db.exec("SELECT 1; SELECT 2; SELECT 3 AS three") }
tried { db.exec("") }
p db.escape_string("it's"), db.escape_literal("a\\b"), db.quote_ident('a"b'), PG::Connection.unescape_bytea(db.escape_bytea("\0\1"))

puts "# prepared"
tried { db.prepare("find", "SELECT t FROM v WHERE id = $1") }
(1..6).each { |id| tried { db.exec_prepared("find", [id]) } }
tried { db.describe_prepared("find").nparams }
tried { db.prepare("find", "SELECT 1") }
tried { db.exec_prepared("missing", []) }
tried { db.exec("DEALLOCATE find") }
tried { db.exec_prepared("find", [1]) }
tried { db.sync_exec_params("SELECT $1::text", ["sync"]) }
tried { db.sync_prepare("s", "SELECT $1::int * 2"); db.sync_exec_prepared("s", [21]) }

puts "# errors"
["SELEC 1", "SELECT * FROM missing", "INSERT INTO v (id) VALUES (1)", "SELECT 1 / 0", "SELECT 'x'::int"].each { |sql| tried { db.exec(sql) } }
tried { db.transaction { db.exec("DELETE FROM v"); raise "changed my mind" } }
tried { db.transaction { db.exec("SELECT count(*) FROM v") } }
db.exec("BEGIN")
tried { db.exec("SELECT 1 / 0") }
tried { db.exec("SELECT 1") }
p db.transaction_status
db.exec("ROLLBACK")
p db.transaction_status
tried { db.exec("DO $$ BEGIN RAISE WARNING 'hm'; END $$") }
p notices

puts "# asynchronous"
db.send_query("SELECT generate_series(1, 3) AS i; SELECT 'second'")
results = []
while (result = db.get_result)
  results << result.values
end
p results
db.send_query_params("SELECT i FROM generate_series(1, $1::int) i", [20])
db.set_single_row_mode
rows = []
while (result = db.get_result)
  rows << result.values
end
p rows.length, rows.flatten
db.send_prepare("asked", "SELECT $1::int + 1")
p db.get_last_result.result_status
db.send_query_prepared("asked", [1])
until !db.is_busy
  IO.select([db.socket_io])
  db.consume_input
end
p db.get_last_result.values
db.setnonblocking(true)
db.send_query("SELECT repeat('x', 100000)")
p db.flush, db.block, db.get_last_result.getvalue(0, 0).length
db.setnonblocking(false)
db.send_query("SELECT pg_sleep(5)")
p db.cancel
db.cancel until IO.select([db.socket_io], nil, nil, 0.1) # the first one may come before the query
tried { db.get_last_result }
db.enter_pipeline_mode
p db.pipeline_status
5.times { |i| db.send_query_params("SELECT $1::int * 2", [i]) }
db.send_query_params("SELECT 1 / $1::int", [0])
db.send_query_params("SELECT 'not run'", [])
db.pipeline_sync
got = []
nils = 0
until nils > 1
  begin
    result = db.get_result
    nils = result ? 0 : nils + 1
    got << [result.result_status, result.ntuples] if result
    break if result && result.result_status == PG::PGRES_PIPELINE_SYNC
  rescue PG::Error => error
    got << error.class.name
    nils = 0
  end
end
p got
db.exit_pipeline_mode

puts "# copies and cursors"
db.copy_data("COPY v (t, n) FROM STDIN") { 5.times { |i| db.put_copy_data("copied #{i}\t#{i}\n") } }
tried { db.copy_data("COPY v (n) FROM STDIN") { db.put_copy_data("not a number\n") } }
lines = []
db.copy_data("COPY (SELECT t, n FROM v WHERE t LIKE 'copied%' ORDER BY n) TO STDOUT") do
  while (line = db.get_copy_data)
    lines << line
  end
end
p lines
db.transaction do
  db.exec("DECLARE c CURSOR FOR SELECT id FROM v ORDER BY id")
  3.times { p db.exec("FETCH 4 FROM c").values.flatten }
end
db.exec("LISTEN news")
db.exec("NOTIFY news, 'hello'")
p db.wait_for_notify(1) { |channel, _, payload| p [channel, payload] }

puts "# threads, children, lost connections"
p(4.times.map { |n| Thread.new { PG.connect { |own| 5.times.sum { |i| own.exec_params("SELECT $1::int", [n * i]).getvalue(0, 0).to_i } } } }.map(&:value))
child = fork { PG.connect { |own| exit!(own.exec("SELECT count(*) FROM v").getvalue(0, 0).to_i) } }
Process.wait(child)
p $?.exitstatus
tried { db.exec("SELECT pg_terminate_backend(pg_backend_pid())") }
tried { db.exec("SELECT 1") }
db.reset
tried { db.exec("SELECT count(*) FROM v") }
db.exec("DROP TABLE v")
db.close
tried { db.exec("SELECT 1") }
tried { PG.connect(host: "/nonexistent") }
