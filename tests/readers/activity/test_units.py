"""A data set in units."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.activity_files import SERVICES

from apl_engine.errors import Fault
from apl_engine.inputs.plain_file import PlainFile
from apl_engine.readers.activity import units
from apl_engine.readers.activity.columns import Request
from apl_engine.readers.activity.dataset import FileLayout, Part, open_files
from apl_engine.readers.activity.expressions import RowReader
from apl_engine.readers.activity.units import Task, Unit, add_up, units_of
from apl_engine.readers.common.issues import Issues

KINDS = st.sampled_from(["CSV", "Parquet", "Arrow IPC"])
# Size in bytes, and rows.
FILES = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 30)), min_size=1, max_size=8)


@given(given_parts=st.lists(st.tuples(KINDS, FILES), min_size=1, max_size=3))
def test_every_row_is_in_one_unit(
    tmp_path_factory: pytest.TempPathFactory, given_parts: list[tuple[str, list[tuple[int, int]]]]
) -> None:
    folder = tmp_path_factory.mktemp("units")
    parts = []
    for number, (kind, files) in enumerate(given_parts):
        paths = [folder / f"{number}-{k}" for k in range(len(files))]
        for path, (size, _) in zip(paths, files, strict=True):
            path.write_bytes(bytes(size))
        parts.append(Part(FileLayout(kind, ()), [PlainFile(path, path, kind) for path in paths]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(units, "BYTES_OF_FILES", 100)
        patch.setattr(units, "BYTES_OF_ROWS", 100)
        made = list(units_of(parts, [[rows for _, rows in files] for _, files in given_parts]))
    each = [(unit.part, k) for unit in made for k in range(unit.first, unit.first + unit.files)]
    expected = [(n, k) for n, (_, files) in enumerate(given_parts) for k in range(len(files))]
    assert [file for file, _ in groupby(each)] == expected
    for unit in made:
        kind, files = given_parts[unit.part]
        inside = files[unit.first : unit.first + unit.files]
        size = sum(size for size, _ in inside)
        assert size <= 100 or unit.files == 1
        assert (unit.rows is not None) == (kind == "Parquet" and size > 200 and unit.files == 1)
    for (number, first), slices in groupby(
        (unit for unit in made if unit.rows), key=lambda unit: (unit.part, unit.first)
    ):
        at = 0
        for start, length in (unit.rows for unit in slices if unit.rows):
            assert start == at
            at += length
        size, rows = given_parts[number][1][first]
        assert rows <= at < rows + max(2, size / 100)


@pytest.mark.parametrize("ending", ["csv", "parquet", "arrow"])
def test_a_file_that_a_worker_does_not_reach(tmp_path: Path, ending: str) -> None:
    paths = [tmp_path / f"{k}.{ending}" for k in range(2)]
    frame = pl.DataFrame(SERVICES)
    for path in paths:
        {"csv": frame.write_csv, "parquet": frame.write_parquet, "arrow": frame.write_ipc}[ending](
            path
        )
    (part,) = open_files(paths, Issues())
    request = Request({}, {}, 2022)
    reader = RowReader(part, {name: name for name in part.layout.names}, part.schema, request)
    paths[1].unlink()
    done = add_up(Task([reader], ""), Unit(0, 0, 2))
    assert isinstance(done, Fault)
    assert (done.code, done.table) == ("practitioners.unreadable", f"1.{ending}")
