"""Readers of the files of INSEE, DREES, CNAM and the regional agencies, and of travel times."""
