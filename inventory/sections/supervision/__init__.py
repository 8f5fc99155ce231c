"""Services, scheduled jobs and containers: what starts programs."""
