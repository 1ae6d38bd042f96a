"""Distanciers: tables and matrices of travel times."""
