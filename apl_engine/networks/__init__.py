"""Prepared networks on disk."""
