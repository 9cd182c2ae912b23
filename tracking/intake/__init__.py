"""What came in from devices, what was refused, and how far each stream is complete."""
