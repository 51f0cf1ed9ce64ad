"""Where Azure's events come in; the one folder beside the adapters that may know the SDK of Azure."""
