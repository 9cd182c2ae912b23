"""The record: one database, one append-only chain of events, one way to change either."""
