"""What a stack costs on Google Cloud."""
