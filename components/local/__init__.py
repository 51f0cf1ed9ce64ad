"""The system on one machine: declarations that the `local` provider writes down and one run time that follows them."""
