# A Rack application asked by Rack's own mock: each request has its session, its order and that order's lines. One handler has a fault.
require "rack"
require "sequel"

DB = Sequel.sqlite(ENV.fetch("SCENARIO_DB"))

class Session
  def initialize(app) = @app = app

  def call(env)
    DB.fetch("SELECT value FROM prefs WHERE login = ? AND name = 'theme'", env["HTTP_X_USER"]).first
    @app.call(env)
  end
end

def show(number)
  order = DB.fetch('SELECT "CustomerId" FROM "Order" WHERE "OrderId" = ?', number).first
  DB.fetch('SELECT "Sku" FROM "OrderLine" WHERE "OrderId" = ?', number).map { |line| line[:Sku] }.join(" ") + " of #{order}"
end

def lines
  DB.fetch('SELECT "OrderId" FROM "Order" ORDER BY "OrderId"').all.map do |order|
    DB.fetch('SELECT "Sku" FROM "OrderLine" WHERE "OrderId" = ?', order[:OrderId]).all.size # @client_rack_x
  end.join(" ")
end

app = Rack::Builder.new do
  use Session
  run ->(env) { [200, {}, [env["PATH_INFO"] == "/lines" ? lines : show(env["PATH_INFO"][1..].to_i)]] }
end
browser = Rack::MockRequest.new(app.to_app)
(1..20).each { |number| puts browser.get("/#{number}", "HTTP_X_USER" => "ada").body }
puts browser.get("/lines", "HTTP_X_USER" => "ada").body
