"""Lots, needs, matches, deals, money, and the front door: web, API, command line and wiring."""
