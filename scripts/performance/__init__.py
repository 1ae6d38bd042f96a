"""The page of what is measured, from the figures of a run."""
