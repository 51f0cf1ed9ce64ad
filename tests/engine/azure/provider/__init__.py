"""A provider `azure-native` for the real engine that asks no cloud: it checks, compares and keeps what it is told."""
