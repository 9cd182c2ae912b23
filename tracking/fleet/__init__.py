"""Vehicles and the devices on them, on scales and at gateways."""
