"""The dated rules on aids: as data, read and checked."""
