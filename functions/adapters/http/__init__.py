"""Partners reached over HTTP, the same on every target."""
