require "sqlite3"
DB = SQLite3::Database.new(ENV["SCENARIO_DB"], results_as_hash: true)
def db_query(sql, *args) = DB.execute(sql, args)
db_query("select * from pedidos_abiertos order by fecha").each do |pedido|
  lineas = db_query("select orden, producto_sku, piezas from lineas where pedido_no = ?", pedido["pedido_no"]) # @bread_x
  puts "#{pedido["pedido_no"]}: #{lineas.sum { |l| l["piezas"] }}"
end
%w[PAN-107 PAN-101 PAN-112 PAN-104 PAN-115 PAN-109].each do |sku|
  puts db_query("select existencias from productos where sku = ?", sku).first["existencias"]
end
