"""The front door: who comes in, in which transaction, with which answer."""
