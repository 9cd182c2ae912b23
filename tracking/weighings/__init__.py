"""Signed tickets of the scales, bound to trips."""
