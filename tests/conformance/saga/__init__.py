"""One suite for every engine that runs sagas: the same definition under the same faults leaves the same trace."""
