"""The ports on Google Cloud: Firestore, Pub/Sub, Workflows, Cloud Storage and Secret Manager, by Google's clients."""
