"""The page on performance, from the figures of a run."""
