"""What must be done by when, by whom, and who hears of it when the day has passed."""
