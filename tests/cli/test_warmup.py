"""`apl warmup`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from apl_engine import kernels
from apl_engine.cli import main
from apl_engine.cli.warmup import REFUSALS
from apl_engine.kernels._code import Code, Image, Refusal

IMAGE = Image(lambda _: 1, None)


def warm_up(
    monkeypatch: pytest.MonkeyPatch, codes: dict[str, Code | None], disabled: str = "0"
) -> tuple[str, dict[str, object]]:
    """Return the printed text and the document for given machine code."""
    monkeypatch.setattr(kernels, "prepare", lambda *_: codes)
    monkeypatch.setenv("NUMBA_DISABLE_JIT", disabled)
    done = CliRunner().invoke(main, ["warmup"])
    assert done.exit_code == 0
    return done.output, json.loads(CliRunner().invoke(main, ["warmup", "--json"]).output)


@pytest.mark.parametrize(("folder", "stored"), [("/some/where", True), (None, False)])
def test_warmup_reports_where_machine_code_is(
    monkeypatch: pytest.MonkeyPatch, folder: str | None, stored: bool
) -> None:
    file = Path(folder) / "k.so" if folder else None
    text, document = warm_up(monkeypatch, {"k": Code(1, IMAGE, file, "damaged")})
    assert ("/some/where" in text) == stored
    assert ("APL_ENGINE_CACHE" in text) != stored
    assert document["kernels"] == ["k"]
    assert (document["kept"], document["compiled"]) == (stored, True)
    assert document["folders"] == ([folder] if folder else [])
    assert document["files"] == {"k": str(file) if file else None}
    assert document["shipped"] == {"k": "damaged"}


def test_warmup_reports_kernels_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = Code(1, IMAGE, Path("/package/linux.so"), None)
    own = Code(1, IMAGE, Path("/cache/c.so"), "other_source")
    text, document = warm_up(monkeypatch, {"a": shipped, "b": shipped, "c": own})
    assert "2, in /package/linux.so" in text
    assert "APL_ENGINE_CACHE" not in text
    assert document["shipped"] == {"a": "used", "b": "used", "c": "other_source"}


def test_warmup_reports_that_kernels_are_interpreted(monkeypatch: pytest.MonkeyPatch) -> None:
    text, document = warm_up(monkeypatch, {"k": None}, disabled="1")
    assert "NUMBA_DISABLE_JIT" in text
    assert (document["compiled"], document["kept"], document["shipped"]) == (False, False, {})


def test_every_refusal_has_words() -> None:
    assert set(REFUSALS) == set(get_args(Refusal))
