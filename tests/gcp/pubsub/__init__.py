"""Pub/Sub on this machine: Google's own fake as a process, and a bridge that pushes what it holds."""
