"""How much waste may lie where, and how much does by what is known?"""
