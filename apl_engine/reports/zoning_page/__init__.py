"""One file to open in a browser: map, look-up, the workbench of an agency, national figures."""

from .page import PAGE_ENDINGS, make_page, write_page

__all__ = ["PAGE_ENDINGS", "make_page", "write_page"]
