"""Which documents must a party show, who has looked at them, and what do they allow?"""
