require "sequel"
dsn = ENV["SCENARIO_DB"].split.map { |p| p.split("=", 2) }.to_h
DB = Sequel.connect(adapter: "postgres", database: dsn["dbname"], host: dsn["host"], port: dsn["port"], user: dsn["user"] || "postgres")
class Alarm < Sequel::Model; many_to_one :sensor; end
class Sensor < Sequel::Model; one_to_many :alarms; end
Sensor.eager(:alarms).all.each { |s| puts "#{s.site} #{s.alarms.size}" }
Alarm.eager_graph(:sensor).all.each { |w| puts w.sensor.site }
(0..4).each { |severity| puts DB[:alarms].where(severity: severity).count }
by = DB[:alarms].group_and_count(:sensor_id).as_hash(:sensor_id, :count)
DB[:sensors].each { |s| puts by[s[:id]] }
