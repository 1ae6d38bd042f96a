"""Communes through the years, travel times between them, and the mesh of territories."""
