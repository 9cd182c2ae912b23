"""What is printed of a load: who gathers the facts, and in which words they are said."""
