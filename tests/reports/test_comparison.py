"""The folder of a comparison."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.two_results import write_two_results

from apl_engine import AplError, OutputError, compare
from apl_engine.reports.comparison import write_comparison


def test_a_missing_library_is_reported_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_two_results(tmp_path / "results")
    found = compare(folder / "a", folder / "a")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(AplError) as caught:
        write_comparison(found, tmp_path / "out")
    (fault,) = caught.value.faults
    assert fault.code == "dependency.missing"
    assert fault.details == {"library": "matplotlib", "extra": "annex"}
    assert not (tmp_path / "out").exists()
    monkeypatch.undo()
    assert write_comparison(found, tmp_path / "out")["parts"][-1] == "cut"
    with pytest.raises(OutputError):
        write_comparison(found, tmp_path / "out")
    assert write_comparison(found, tmp_path / "out", replace=True)
