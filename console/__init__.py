"""What whoever operates a system sees of it and does to it in a browser; the pages are the same on every target."""
