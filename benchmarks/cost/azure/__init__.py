"""What a stack costs on Azure."""
