"""Pure optimisation: dataclasses in, checked solutions out; no database, no web, no clock."""
