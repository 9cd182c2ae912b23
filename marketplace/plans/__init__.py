"""Plans 排程: which vehicle of a carrier carries which load when, and what that costs."""
