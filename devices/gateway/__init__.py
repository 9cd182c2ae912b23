"""Which JT/T 808 terminals may speak to us, and was what they said stored before we said so?"""
