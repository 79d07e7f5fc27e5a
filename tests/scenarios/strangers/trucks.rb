# Sequel + plain sqlite3 gem; memoized; each_with_object; dataset per row; hash groups innocent
require "sequel"
DB = Sequel.sqlite(ENV["SCENARIO_DB"])
DB.create_table(:depots) { primary_key :id; String :name }
DB.create_table(:trucks) { primary_key :id; Integer :depot_id; String :plate }
DB.create_table(:trips) { primary_key :id; Integer :truck_id; Integer :km; Integer :driver_id }
DB.create_table(:drivers) { primary_key :id; String :name }
DB[:depots].multi_insert((1..6).map { |i| { id: i, name: "d#{i}" } }); DB[:trucks].multi_insert((1..24).map { |i| { id: i, depot_id: i % 6 + 1, plate: "P#{i}" } })
DB[:drivers].multi_insert((1..10).map { |i| { id: i, name: "n#{i}" } }); DB[:trips].multi_insert((1..96).map { |i| { truck_id: i * 5 % 24 + 1, km: i, driver_id: i % 10 + 1 } })
class Truck < Sequel::Model; many_to_one :depot; one_to_many :trips
  def km = trips_dataset.sum(:km) end # @trucks_1
class Depot < Sequel::Model; one_to_many :trucks; end
class Trip < Sequel::Model; many_to_one :driver; many_to_one :truck; end
class Driver < Sequel::Model; end
Truck.order(:plate).all { |t| puts "#{t.plate} #{t.depot.name} #{t.km}" } # @trucks_2
names = Hash.new { |h, id| h[id] = DB[:drivers].where(id: id).get(:name) } # @trucks_3
DB[:trips].where { km > 40 }.each { |t| puts names[t[:driver_id]] }
Depot.eager(trucks: :trips).all { |d| d.trucks.each { |t| t.trips.size } }
DB[:trips].to_hash_groups(:truck_id).each { |id, ts| ts.size }
[5, 11].each { |id| t = Truck[id]; puts t.depot.name, t.trips.size }
