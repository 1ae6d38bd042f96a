"""Communes over the years: events, passage tables, conversion between vintages."""
