module Menucard
  autoload :Zone, "menucard/zone"

  def self.html(menu)
    # As plug-ins are loaded: what is needed is written where the gem says what it depends on, and nowhere else.
    Gem.loaded_specs["menucard"].runtime_dependencies.each { |each| require each.name }
    lines = menu.map { |day, dish| "| #{day} | #{dish} |" }
    "#{Kramdown::Document.new(lines.join("\n")).to_html}#{Zone.noon}\n"
  end
end
