"""What a person sees: pages, texts, formats, static files."""
