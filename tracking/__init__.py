"""Vehicles, trips, positions and weighings: what the devices said and what it means."""
