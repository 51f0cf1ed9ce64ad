"""How the ports are met: a package for each target, and two that every target shares (`sandbox`, `http`)."""
