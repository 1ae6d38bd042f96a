"""Activity and register files."""
