"""Files of INSEE."""
