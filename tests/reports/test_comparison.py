"""The folder of a comparison."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.results import names_in
from support.two_results import write_two_results

from apl_engine import OutputError, compare
from apl_engine.errors import missing_library
from apl_engine.reports.comparison import write_comparison


def test_without_matplotlib_the_picture_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_two_results(tmp_path / "results")
    found = compare(folder / "a", folder / "a")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    without = write_comparison(found, tmp_path / "without")
    assert without["notes"][-1]["code"] == "comparison.no_picture"
    assert without["notes"][-1]["details"] == missing_library("matplotlib", "annex")
    assert "matplotlib" not in without["environment"]
    monkeypatch.undo()
    record = write_comparison(found, tmp_path / "out")
    pictures = {"flows.png", "flows.svg"}
    assert names_in(tmp_path / "out") == names_in(tmp_path / "without") | pictures
    assert record["notes"] == without["notes"][:-1]
    with pytest.raises(OutputError):
        write_comparison(found, tmp_path / "out")
    assert write_comparison(found, tmp_path / "out", replace=True)
