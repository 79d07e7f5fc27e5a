require "active_record"
dsn = ENV["SCENARIO_DB"].split.map { |p| p.split("=", 2) }.to_h
ActiveRecord::Base.establish_connection(adapter: "postgresql", database: dsn["dbname"], host: dsn["host"], port: dsn["port"], username: dsn["user"] || "postgres")
class Artist < ActiveRecord::Base; has_many :albums; end
class Album < ActiveRecord::Base; belongs_to :artist; has_many :tracks; end
class Track < ActiveRecord::Base; belongs_to :album; end
Artist.includes(albums: :tracks).order(:name).each { |a| puts "#{a.name} #{a.albums.map { |x| x.tracks.size }.sum}" }
Album.find_each(batch_size: 10) { |a| puts a.title }
Track.in_batches(of: 20) { |b| puts b.maximum(:seconds) }
puts Track.joins(:album).group("albums.year").count.sort.inspect
Album.where(year: 1970).update_all(year: 1971)
Track.insert_all((1..10).map { |i| { id: 9000 + i, title: "new #{i}", album_id: 1, seconds: 5, isrc: "N#{i}" } })
