"""Where the vehicles were, and where they are."""
