"""The local target's run time: a small cloud in one process on loopback, as durable as its SQLite file.

It knows queues, topics, a bus, a change feed, a schedule, a workflow executor and HTTP; it calls functions by name and
knows nothing of orders but the schema of the database it keeps for them.
"""

VERSION = "0.1.0"
