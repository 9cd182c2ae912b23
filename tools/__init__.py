"""What does a working copy need around the product: environment, browser files, system parts, checks?"""
