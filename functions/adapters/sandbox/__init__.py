"""Partners that behave as the order's own data asks, for every target: deterministic, with no network."""
