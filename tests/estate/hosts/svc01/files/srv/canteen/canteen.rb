# The canteen: its menu, and what people thought of it. Much of what it needs is loaded by the first who asks for it.
require "json"
require "sinatra/base"
require "yaml"

class Canteen < Sinatra::Base
  autoload :Menucard, "menucard"
  SETTINGS = YAML.load_file("/etc/canteen/canteen.yml")
  MENU = { "Montag" => "Käsespätzle", "Dienstag" => "Grünkohl" }.freeze

  set :environment, :production
  set :lock, true

  get "/" do
    "<h1>#{SETTINGS["title"]}</h1><a href=\"/card\">card</a> <a href=\"/feed\">feed</a> <a href=\"/marks\">marks</a>\n"
  end

  # A gem of the house, and what that loads.
  get "/card" do
    Menucard.html(MENU)
  end

  # A template of a kind that is known by its name alone.
  get "/feed" do
    builder :feed
  end

  # Gems that only the settings name.
  get "/extensions" do
    SETTINGS["extensions"].each { |name| require name }
    content_type "text/plain"
    "#{Allergens.of("Käsespätzle").join(", ")}\n"
  end

  get "/table.csv" do
    require "csv"
    content_type "text/csv"
    CSV.generate(col_sep: ";") { |table| MENU.each { |row| table << row } }
  end

  get "/marks" do
    content_type "application/json"
    marks { |database| JSON.generate(database.execute("SELECT dish, mark FROM marks ORDER BY rowid")) }
  end

  post "/marks/:dish" do
    mark = Integer(request.body.read)
    marks { |database| database.execute("INSERT INTO marks VALUES (?, ?)", [params["dish"], mark]) }
    status 201
    "kept\n"
  end

  private

  def marks
    require "sqlite3"
    database = SQLite3::Database.new("/var/lib/canteen/marks.db")
    database.execute("CREATE TABLE IF NOT EXISTS marks (dish TEXT, mark INTEGER)")
    yield database
  ensure
    database&.close
  end
end
