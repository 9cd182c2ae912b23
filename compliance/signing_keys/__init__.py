"""With which keys do people sign on a terminal that has no signal?"""
