"""In which order does a vehicle pick up and deliver?"""
