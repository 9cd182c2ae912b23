"""Anchors 存证锚点: what fixes the whole record to a day, so that nobody can rewrite it afterwards unseen."""
