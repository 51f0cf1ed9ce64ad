"""The order, its events and its rules: pure, stdlib only."""
