"""The system on AWS: Lambda, API Gateway, SQS, SNS, EventBridge, DynamoDB, Step Functions and their kin."""
