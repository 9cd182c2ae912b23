"""How near the best known are our routes, and how near are those of others with the same time?"""
