"""How does a database come to have today's tables, whichever dialect it speaks?"""
