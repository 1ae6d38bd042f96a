"""Names from files do not command the terminal that they are printed to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support.command import apl
from support.tables import small_world, write_csv

from apl_engine.errors import Fault, Note, printable

# Colours, a title, the start of the line, another direction, C1.
HOSTILE = "\x1b[31mR\x1b]0;T\x07\rX\u202eY\x9b2J\u200bZ"
# A table may have it in names; with control characters it is refused.
HOSTILE_NAME = "X\u202eY\u200bZ\U000e0041"
SHOWN = r"\x1b[31mR\x1b]0;T\x07\rX\u202eY\x9b2J\u200bZ"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\U000e0041]")


def test_text_is_escaped_but_for_lines_and_tabulations() -> None:
    assert printable(HOSTILE) == SHOWN
    assert printable("a\n\tb é œ — 1\u202f000") == "a\n\tb é œ — 1\u202f000"
    for text in (
        str(Note("zoning.no_zone", 1, (HOSTILE,))),
        str(Fault("population.missing_column", HOSTILE, details={"columns": (HOSTILE,)})),
    ):
        assert not CONTROL.search(text)
        assert SHOWN in text


def test_names_from_tables_are_escaped_in_every_output(tmp_path: Path) -> None:
    world = small_world()
    for row in world["communes"]:
        row["name"] = row["territory_name"] = HOSTILE_NAME
    folder, out = write_csv(world, tmp_path / "in"), tmp_path / "out"
    for arguments in (
        ("run", str(folder), "-o", str(out)),
        ("explain", str(out), "T1", "--json", "--no-readings"),
        ("explain", str(out), "01001", "--no-readings"),
    ):
        done = apl(*arguments)
        assert done.returncode == 0, done.stderr
        for text in (done.stdout, done.stderr):
            assert not CONTROL.search(text), arguments
        if arguments[-1] == "--json":
            assert HOSTILE_NAME in names_in(done.json)


def names_in(document: Any) -> Iterator[str]:
    """Yield every text of a document."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list):
        for value in document.values() if isinstance(document, dict) else document:
            yield from names_in(value)
