"""The rulebook: every rule the product enforces, with its words and its article of the day."""
