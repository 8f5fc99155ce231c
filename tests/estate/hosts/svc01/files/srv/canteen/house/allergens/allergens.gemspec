Gem::Specification.new do |spec|
  spec.name = "allergens"
  spec.version = "0.9.2"
  spec.summary = "What is in the dishes of the house"
  spec.authors = ["The house"]
  spec.files = Dir["lib/**/*.rb"]
end
