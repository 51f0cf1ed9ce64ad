"""What is Azure's alone: the limits, faults and costs of the services behind the ports."""
