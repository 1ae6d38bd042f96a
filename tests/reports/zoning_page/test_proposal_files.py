"""The page reads and writes the files that the command writes and reads."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.countries import country_of
from support.drawn_regions import as_page_has_it
from support.page_models import driver, model_of

from apl_engine import InputDataError
from apl_engine.regional import Move, Proposal, proposal_text, propose, read_proposal

FILES = int(os.environ.get("APL_ENGINE_PROPOSALS", "25"))
Ask = Callable[[object], Any]
RULES = model_of(country_of(10))["workbench"]["file"]
GOOD = """# Projet
region = "52"  # Pays de la Loire

[[addition]]
territory = '72154'
justification = \"\"\"
Part des patients en \\
   affection de longue durée, « maternité »\"\"\"
[[removal]]
territory = "53062"#
justification = "Ouverte \\u00e0 \\U0001F600"
[ consultation ]
concertation = 2024-05-14 # held
commission_paritaire_regionale = ""
"""
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
days = st.dates(date(2000, 1, 1), date(2199, 12, 31))
moved = st.lists(
    st.tuples(texts.filter(str.strip), texts), max_size=4, unique_by=lambda one: one[0]
)


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with driver("proposal_files.mjs") as asked:
        yield asked


def read_by_command(path: Path, text: str) -> dict[str, Any] | None:
    path.write_bytes(text.encode("utf-8"))
    try:
        return as_page_has_it(read_proposal(path))
    except InputDataError:
        return None


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    codes = draw(moved)
    cut = draw(st.integers(0, len(codes)))
    made = [Move(code, why) for code, why in codes]
    region = draw(st.from_regex(r"[0-9]{2}", fullmatch=True))
    held = draw(st.tuples(st.none() | days, st.none() | days))
    return Proposal(region, tuple(made[:cut]), tuple(made[cut:]), *held)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=FILES)
@given(made=proposals(), comment=st.text(max_size=9))
def test_what_the_command_writes_the_page_reads_and_writes(
    ask: Ask, tmp_path: Path, made: Proposal, comment: str
) -> None:
    comments = {made.region: comment, **{move.territory: comment for move in made.moves}}
    text = proposal_text(made, comments)
    page = {"proposal": as_page_has_it(made), "comments": comments, "rules": RULES}
    assert ask(page) == text
    expected = read_by_command(tmp_path / "made.toml", text)
    answer = ask({"text": text, "rules": RULES})
    assert answer.get("proposal") == expected
    assert (expected is None) == bool(answer.get("faults"))


PARTS = re.findall(r"\w+|\s|.", GOOD)
SPICE = [
    '"', "'", '"""', "'''", "\\", "\n", "\r\n", "\r", "#", "[", "]", "[[", "]]", "=", " ", "\t",
    "\x00", "\x7f", "\x85", "\ufeff", "\\n", "\\x41", "\\uD800", "\\e", "0000-01-01", "2024-02-30",
    "2023-02-29", "2024-02-29", "1999-12-31", "2200-01-01", "region", "addition", "why", "1",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    parts = list(PARTS)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(parts) - 1))
        change = draw(st.sampled_from(["drop", "insert", "replace", "repeat"]))
        spice = draw(st.sampled_from(SPICE))
        if change == "drop":
            del parts[place]
        elif change == "repeat":
            other = draw(st.integers(place, min(len(parts), place + 12)))
            parts[place:place] = parts[place:other]
        else:
            parts[place : place + (change == "replace")] = [spice]
    return "".join(parts)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=3 * FILES)
@given(text=damaged())
@example(text=GOOD)
@example(text="\ufeff" + GOOD.replace("\n", "\r\n"))
def test_what_the_page_reads_the_command_reads_alike(ask: Ask, tmp_path: Path, text: str) -> None:
    answer = ask({"text": text, "rules": RULES})
    expected = read_by_command(tmp_path / "damaged.toml", text)
    # Layouts that the page does not know are refused, never misread.
    if "proposal" in answer:
        assert answer["proposal"] == expected
    else:
        assert answer["faults"]
        assert text != GOOD


def faults_of(ask: Ask, text: str) -> list[tuple[str, int]]:
    return [(one["kind"], one["line"]) for one in ask({"text": text, "rules": RULES})["faults"]]


def test_every_fault_is_reported_with_its_line(ask: Ask) -> None:
    text = """region = 52
colour = "blue"
addition = []
[[addition]]
territory = "A1"
justification = "..."
[[addition]]
territory = 44009
[[removal]]
territory = "A1"
justification = "x"
why = "x"
[consultation]
concertation = "14/05/2024"
commission_paritaire_regionale = 1999-06-11
[other]
"""
    assert faults_of(ask, text.replace("addition = []\n", "")) == [
        ("invalid_region", 1),
        ("unknown_key", 2),
        ("justification_without_words", 5),
        ("invalid_justification", 6),
        ("invalid_territory", 7),
        ("repeated_territory", 8),
        ("unknown_key", 11),
        ("invalid_date", 13),
        ("invalid_date", 14),
        ("unknown_key", 15),
    ]
    assert faults_of(ask, text) == [("not_toml", 4), ("not_toml", 7)]


def test_a_computed_proposal_is_read(ask: Ask) -> None:
    made = propose(country_of(10), "52")
    text = proposal_text(made.proposal, made.comments)
    assert ask({"text": text, "rules": RULES}) == {"proposal": as_page_has_it(made.proposal)}
