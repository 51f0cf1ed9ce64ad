"""What a Pulumi program declares of AWS, made in ministack: the request of each resource, sent by botocore."""
