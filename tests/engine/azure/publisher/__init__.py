"""Our own provider of packages as it is, led to apps that are on this machine and waiting no longer than it has to."""
