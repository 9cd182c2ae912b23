"""How many of the labelled, simulated faults do the signs find, and how often do they cry wolf?"""
