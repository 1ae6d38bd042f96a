"""Pages, tables for people, pictures, and the annex of a regional order, each in its module."""
