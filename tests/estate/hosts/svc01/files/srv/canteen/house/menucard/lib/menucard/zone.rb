module Menucard
  module Zone
    def self.noon
      TZInfo::Timezone.get("Europe/Berlin").to_local(Time.utc(2020, 3, 29, 10)).strftime("%H:%M %Z")
    end
  end
end
