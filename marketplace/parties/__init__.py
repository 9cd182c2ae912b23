"""Who takes part in the market: how they come in, what they enter of themselves, and their file."""
