"""The system on Google Cloud: Cloud Run functions, API Gateway, Pub/Sub, Firestore, Workflows and their kin."""
