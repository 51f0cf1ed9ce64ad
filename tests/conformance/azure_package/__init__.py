"""The built package of Azure, as Microsoft's worker core indexes and invokes it."""
