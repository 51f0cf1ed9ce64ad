"""The ports on Azure: Cosmos DB by Microsoft's client; Event Grid, Blob Storage and the workflow's app by plain HTTP.

Of those three an adapter needs one request each. Their clients would be loaded for longer than all else together.
"""
