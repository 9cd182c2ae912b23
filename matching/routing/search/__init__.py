"""Which plan of routes is near the best, found by ruining and recreating it many thousand times a second?"""
