"""Trips: from the plan to the unloaded vehicle."""
