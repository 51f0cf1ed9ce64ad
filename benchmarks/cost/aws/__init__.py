"""What a stack costs on AWS."""
