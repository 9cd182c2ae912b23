"""How good and how quick is the clearing of a market, beside solvers that are used as they come?"""
