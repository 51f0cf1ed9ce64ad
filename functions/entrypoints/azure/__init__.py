"""The handlers that function apps on Azure run: an app has one of them, and registers the trigger of that one alone.

`function_app` is what stands at the root of the package, `handlers` has every handler by name, `triggers` says what
calls one and turns Azure's objects into ours, and every other module has the handlers of one kind of call.
"""
