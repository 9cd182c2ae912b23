"""Solves 求解: calculations that run outside the web process, with progress and a way to stop them."""
