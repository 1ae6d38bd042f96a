"""Road times estimated from coordinates."""
