"""Publishers' files to tables of ours, all of one vintage."""

from .kinds import TABLES, communes_in, import_files, read_communes
from .run_file import RunFile, gather, read_run_file, refuse_two_sources
from .vintage import Moving, bring_to

__all__ = [
    "TABLES",
    "Moving",
    "RunFile",
    "bring_to",
    "communes_in",
    "gather",
    "import_files",
    "read_communes",
    "read_run_file",
    "refuse_two_sources",
]
