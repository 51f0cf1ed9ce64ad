"""What whoever operates a running system sees of it and does to it, the same on every target."""
