"""Alerts: what the telemetry and the scales say that somebody has to look into."""
