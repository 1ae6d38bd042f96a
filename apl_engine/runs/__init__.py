"""Runs from inputs to results."""
