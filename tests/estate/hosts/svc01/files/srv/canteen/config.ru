require_relative "canteen"
run Canteen
