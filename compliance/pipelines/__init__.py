"""Pipelines 管道转移: what flows, or cannot be weighed trip by trip, is metered daily at both ends (M13)."""
