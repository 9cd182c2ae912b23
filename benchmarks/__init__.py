"""How fast is the product beside the least that could do the same work on this machine?"""
