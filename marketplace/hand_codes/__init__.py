"""How do two people sign a hand-over at once, one showing a code and the other reading it?"""
