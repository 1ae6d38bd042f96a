"""One way to divide work: here, on any executor of `concurrent.futures`, or on a Dask cluster."""

from .here import Here
from .ranges import Range, ranges
from .workers import Given, Workers, open_workers

__all__ = ["Given", "Here", "Range", "Workers", "open_workers", "ranges"]
