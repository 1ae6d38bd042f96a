"""Damaged files and documents are refused with a message, or read as they stand.

A small draw in every run; `APL_ENGINE_FUZZ=10000` tries so many, from `APL_ENGINE_FUZZ_SEED` on.
Other figures than those of the whole file must stand in the damaged one by another library too.
"""

# ruff: noqa: T201 (what a failing test shows)

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support.hostile_documents import DOCUMENTS
from support.hostile_files import READERS, campaign, words_of

from apl_engine import AplError

DRAWS = int(os.environ.get("APL_ENGINE_FUZZ", "10"))
# What every run draws is always the same: a change is judged by what it does, not by the day.
SEED = int(os.environ.get("APL_ENGINE_FUZZ_SEED", "0"))
LONG = os.environ.get("APL_ENGINE_FUZZ") is not None
# Damage that no reader may take for a whole file, if it takes it at all.
WHOLE_OR_REFUSED = ("network", "result: any file")


def show(outcomes: Mapping[tuple[str, str], int]) -> None:
    for (name, kind), count in sorted(outcomes.items()):
        print(f"{name:32} {kind:8} {count}")


def test_files(tmp_path: Path) -> None:
    print(f"APL_ENGINE_FUZZ_SEED={SEED}")
    outcomes: Counter[tuple[str, str]] = Counter()
    for outcome in campaign(range(SEED, SEED + DRAWS), tmp_path):
        outcomes[outcome.reader, outcome.kind] += 1
    show(outcomes)
    assert not [name for name, kind in outcomes if kind == "unexplained"]
    assert not LONG or {name for name, _ in outcomes} == set(READERS)


@pytest.mark.parametrize("name", DOCUMENTS if LONG else [sorted(DOCUMENTS)[SEED % len(DOCUMENTS)]])
def test_documents(tmp_path: Path, name: str) -> None:
    print(f"APL_ENGINE_FUZZ_SEED={SEED}")
    document, outcomes = DOCUMENTS[name], Counter[tuple[str, str]]()
    whole = document.make(tmp_path)
    figures = repr(document.read(tmp_path))
    for seed in range(SEED, SEED + (DRAWS // len(DOCUMENTS) if LONG else 3)):
        damage = document.damage(whole, tmp_path, random.Random(f"{name} {seed}"))
        outcomes[name, _outcome(document.read, tmp_path, figures, damage)] += 1
    show(outcomes)
    assert not (name in WHOLE_OR_REFUSED and outcomes[name, "other"])


def _outcome(read: Any, folder: Path, figures: str, damage: str) -> str:
    print(damage)
    try:
        found = read(folder)
    except AplError as error:
        assert words_of(error)  # noqa: PT017
        return "refused"
    return "same" if repr(found) == figures else "other"
