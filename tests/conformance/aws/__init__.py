"""What only the AWS adapters have: the table's layout, calls that fail as AWS's do, and tenants kept apart by IAM."""
