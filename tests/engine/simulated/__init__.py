"""A provider that the real engine starts, and a cloud behind it that is a file: what knows no cloud's own rules."""
