Gem::Specification.new do |spec|
  spec.name = "menucard"
  spec.version = "1.3.0"
  spec.summary = "Menu cards of the house"
  spec.authors = ["The house"]
  spec.files = Dir["lib/**/*.rb"]
  spec.add_dependency "kramdown", "~> 2.3"
  spec.add_dependency "tzinfo", ">= 1"
end
