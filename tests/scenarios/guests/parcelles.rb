require "active_record"
ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: ENV["SCENARIO_DB"])
class Parcelle < ActiveRecord::Base
  belongs_to :parcelle_mere, class_name: "Parcelle", optional: true
  has_many :filles, class_name: "Parcelle", foreign_key: :parcelle_mere_id
end
def show(parcelle, depth)
  puts "#{"  " * depth}#{parcelle.nom}"
  parcelle.filles.order(:nom).each { |f| show(f, depth + 1) } # @parcelles_x
end
Parcelle.where(parcelle_mere_id: nil).each { |p| show(p, 0) }
