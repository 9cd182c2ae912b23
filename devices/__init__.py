"""Bytes in, typed readings out: codecs, transports and edge agents; no database of the server."""
