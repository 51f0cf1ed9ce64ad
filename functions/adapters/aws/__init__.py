"""The ports on AWS: DynamoDB, EventBridge, Step Functions, S3 and Secrets Manager, through botocore."""
