require "active_record"
dsn = ENV["SCENARIO_DB"].split.map { |p| p.split("=", 2) }.to_h
ActiveRecord::Base.establish_connection(adapter: "postgresql", database: dsn["dbname"], host: dsn["host"], port: dsn["port"], username: dsn["user"] || "postgres")
class Revision < ActiveRecord::Base; end
class Page < ActiveRecord::Base
  has_many :revisions
  attr_reader :latest
  after_find :pick_latest
  def pick_latest
    @latest = revisions.maximum(:no) # @history_x
  end
end
Page.order(:title).to_a.each { |p| puts "#{p.title} #{p.latest}" }