"""What an order costs on AWS, from counted calls and a dated price list, beside the reference's design."""
