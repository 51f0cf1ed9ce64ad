"""What runs: the order domain, its services and the entry points of each target.

Event -> entry point -> command -> service -> domain -> port -> adapter -> cloud; arrows never turn back.
"""
