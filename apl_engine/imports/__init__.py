"""Publishers' files to the tables of a run, all of one vintage."""

from .kinds import TABLES, communes_in, import_files, read_communes
from .run_file import RunFile, gather, read_run_file, refuse_two_sources
from .vintage import VintageChange, convert_vintage

__all__ = [
    "TABLES",
    "RunFile",
    "VintageChange",
    "communes_in",
    "convert_vintage",
    "gather",
    "import_files",
    "read_communes",
    "read_run_file",
    "refuse_two_sources",
]
