"""The handlers that Lambda calls: each translates its event, calls a service and says what became of it.

`handlers` is what a function's handler string names; every other module has the handlers of one kind of event.
"""
