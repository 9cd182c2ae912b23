"""Oversight 监管: what those who oversee the market narrow down, look into and publish."""
