"""What the clouds' worlds on this machine have in common: records of a deployment, HTTP, the internet, an issuer."""
