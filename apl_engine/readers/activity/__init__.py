"""Readers of activity files: prestations and the register of practitioners."""
