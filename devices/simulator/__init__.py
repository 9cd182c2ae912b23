"""What would trucks, terminals and scales send, if they were there?

Everything here is a simulation and is named so wherever it is shown. Same seed and same clock: same fixes.
"""
