"""The territories of the annexe, II."""
