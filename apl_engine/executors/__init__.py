"""One way to divide work: here, on any executor of `concurrent.futures`, or on a Dask cluster."""

from .workers import Workers, open_workers

__all__ = ["Workers", "open_workers"]
