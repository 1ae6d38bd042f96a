"""The territories of annexe II."""
