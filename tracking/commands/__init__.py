"""What devices are told to do, what became of it, and how they shall be configured."""
