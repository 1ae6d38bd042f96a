"""Road travel times estimated from coordinates."""
