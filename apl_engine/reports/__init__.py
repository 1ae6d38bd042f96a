"""Pages, tables for people, the annex of a regional order, and the files of each."""
