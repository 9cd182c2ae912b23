"""What was signed on a terminal without signal, and what became of it?"""
