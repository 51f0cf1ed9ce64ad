"""The handlers that Cloud Run functions call: each is called by HTTP, whoever calls, and so chooses its status codes.

`main` is what stands at the root of the source archive, `handlers` has every handler by name, and every other module
has the handlers of one kind of call.
"""
