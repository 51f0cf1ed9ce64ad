"""What proves an AWS graph without AWS: shapes of inputs, refusals of whole graphs, policies, and what AWS computes."""
