"""How long a function's process takes to start, next to the bare SDK and to the same API as others would write it.

`__main__` is the command, `measuring` starts and compares, and the module of each target has what is started there.
"""
