"""What do past deals, offers, trips and weighings tell about the next? Models that beat a plain rule."""
