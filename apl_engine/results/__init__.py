"""A result on disk: written, read and looked up."""
