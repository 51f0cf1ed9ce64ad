"""Azure as a deployment left it, played on this machine: what is in no record does not exist here.

Each kind of resource has a module that stands in for the service that plays it at Microsoft. Their docstrings say what
they do as Microsoft documents it, and what they leave out. All of them were written from the documents: none was
compared with Azure.
"""
