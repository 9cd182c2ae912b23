"""How fast does the inspector's desk answer over years of manifests?"""
