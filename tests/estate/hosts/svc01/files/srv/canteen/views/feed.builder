xml.instruct!
xml.menu do
  Canteen::MENU.each { |day, dish| xml.dish(dish, "day" => day) }
end
