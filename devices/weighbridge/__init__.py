"""What stood on the deck, and who can prove it?"""
