"""Which stages of which waste are managed as other waste, by whose decision and on which evidence?"""
