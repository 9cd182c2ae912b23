"""How much of the speed of a bare acknowledging loop is left when every position is checked and stored?"""
