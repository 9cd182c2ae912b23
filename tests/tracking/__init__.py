"""Tests of what the devices said and what it means."""
