"""Do the learned models beat plain rules on time that they have not seen?"""
