"""`apl warmup`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from apl_engine import kernels
from apl_engine.cli import main


@pytest.mark.parametrize(("folder", "stored"), [("/some/where", True), (None, False)])
def test_warmup_reports_where_machine_code_is(
    monkeypatch: pytest.MonkeyPatch, folder: str | None, stored: bool
) -> None:
    files = {"k": Path(folder) / "k.so" if folder else None}
    monkeypatch.setattr(kernels, "prepare", lambda: files)
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "0")
    done = CliRunner().invoke(main, ["warmup"])
    assert done.exit_code == 0
    assert ("/some/where" in done.output) == stored
    assert ("APL_ENGINE_CACHE" in done.output) != stored
    document = json.loads(CliRunner().invoke(main, ["warmup", "--json"]).output)
    assert (document["kept"], document["compiled"]) == (stored, True)
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert "NUMBA_DISABLE_JIT" in CliRunner().invoke(main, ["warmup"]).output
