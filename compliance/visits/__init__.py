"""Which parties are looked at where they work, drawn by whom, and what came of it?"""
