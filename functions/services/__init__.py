"""What the system can be asked to do: one module for each use case, written with the domain and the ports alone."""
