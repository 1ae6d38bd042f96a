"""The files of the figures of article VI."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from support.annexes import national, sheet

from apl_engine import OutputError
from apl_engine.reports.figures import Figures, make_figures, write_figures

NAMES = ["parts-regionales.xlsx", "parts-regionales.csv", "parts-regionales.md"]


@pytest.fixture(scope="module")
def figures() -> Figures:
    return make_figures(national())


def test_the_three_files_have_the_same_figures(figures: Figures, tmp_path: Path) -> None:
    assert write_figures(figures, tmp_path / "out") == NAMES
    workbook, table, page = (tmp_path / "out" / name for name in NAMES)
    read = pl.read_csv(
        table, separator=";", decimal_comma=True, schema_overrides={"Code région": pl.String}
    )
    assert table.read_bytes().startswith(b"\xef\xbb\xbf")
    assert read.columns == ["Code région", *figures.headings]
    in_book = sheet(workbook, "VI", header=2).head(len(figures.rows))
    assert in_book.columns == list(figures.headings)
    for row, in_table, cells in zip(figures.rows, read.rows(), in_book.rows(), strict=True):
        shares = [row.share, row.before, row.evolution]
        plain = [None if value is None else float(value) for value in shares]
        assert in_table == (row.region, row.region_name, row.category, *plain)
        assert cells[:2] == (row.region_name, row.category)
        written = [None if cell is None else float(cell) for cell in cells[2:]]
        assert written == plain
        assert f"| {row.region_name} | {row.category} |" in page.read_text("utf-8")


def test_the_same_figures_give_the_same_bytes(figures: Figures, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_figures(figures, tmp_path / name)
    for name in NAMES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_folder_with_files_is_refused(figures: Figures, tmp_path: Path) -> None:
    (tmp_path / "own.txt").touch()
    with pytest.raises(OutputError):
        write_figures(figures, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["own.txt"]
