"""Places three orders on a running system and shows what became of each of them."""
