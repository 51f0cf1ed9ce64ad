"""How fast the local system is, from a client's request to a fulfilled order, next to what else there is.

`__main__` is the command (`make bench`), `soak` the long run (`make soak`); each other module measures one thing.
"""
