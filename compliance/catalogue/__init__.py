"""The catalogues: which kinds of waste there are by law, on which days, and how people find them."""
