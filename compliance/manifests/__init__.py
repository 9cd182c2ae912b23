"""The manifest 转移联单: one numbered, signed document for one load."""
