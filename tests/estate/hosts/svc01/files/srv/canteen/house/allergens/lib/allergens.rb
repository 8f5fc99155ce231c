module Allergens
  KNOWN = { "Käsespätzle" => %w[Ei Milch Weizen] }.freeze

  def self.of(dish)
    KNOWN.fetch(dish, [])
  end
end
