"""What only Google Cloud has: the source archive as its buildpack gets it."""
