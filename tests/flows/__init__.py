"""Does the whole loop close, whatever the database and the broker?"""
