"""What do the tests add to pytest?"""
