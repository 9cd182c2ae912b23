"""How much of the speed of a bare handler with the same database work is left in the whole application?"""
