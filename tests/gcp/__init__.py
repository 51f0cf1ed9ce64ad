"""What proves a graph of Google Cloud without it: shapes of inputs, refusals of whole graphs, and what it computes."""
