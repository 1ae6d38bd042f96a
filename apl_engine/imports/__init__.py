"""Publishers' files to the tables of a run, all of one vintage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .kinds import TABLES as TABLES
    from .kinds import communes_in as communes_in
    from .kinds import import_files as import_files
    from .kinds import read_communes as read_communes
    from .run_file import RunFile as RunFile
    from .run_file import gather as gather
    from .run_file import read_run_file as read_run_file
    from .run_file import refuse_two_sources as refuse_two_sources
    from .vintage import VintageChange as VintageChange
    from .vintage import convert_vintage as convert_vintage

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "kinds": ["TABLES", "communes_in", "import_files", "read_communes"],
        "run_file": ["RunFile", "gather", "read_run_file", "refuse_two_sources"],
        "vintage": ["VintageChange", "convert_vintage"],
    },
)
