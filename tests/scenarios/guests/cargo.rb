require "active_record"
ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: ENV["SCENARIO_DB"])
class Vehicle < ActiveRecord::Base; self.primary_key = "plate"; end
class Parcel < ActiveRecord::Base; end
class Shipment < ActiveRecord::Base
  belongs_to :vehicle, foreign_key: "vehicle_plate"
  has_many :parcels
  def summary
    kg = parcels.sum(:weight) / 1000.0 # @cargo_y
    "#{vehicle.axles} axles, #{kg} kg" # @cargo_x
  end
end
Shipment.where.not(state: "done").order(:booked).each { |s| puts s.summary }