"""What is deployed: the configuration, the contracts every target keeps, and a folder of components for each target."""
