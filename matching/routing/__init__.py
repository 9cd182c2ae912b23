"""Who carries what, when and in which order, and why so?"""
