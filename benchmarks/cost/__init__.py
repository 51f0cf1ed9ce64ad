"""What an order costs on a cloud, from counted calls and a dated price list, beside the reference's design.

`report` prints what `bill` says that a target tells; each target has a folder with its prices, and the same modules.
"""
