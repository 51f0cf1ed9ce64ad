"""Harms a real local system while orders arrive, then audits its books: nothing is lost, and nothing happens twice."""
