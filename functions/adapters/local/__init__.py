"""The ports on one machine, through the client that the local run time hands to a function."""
