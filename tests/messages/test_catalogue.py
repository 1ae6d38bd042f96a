"""The catalogue of messages: complete, used, and worded as the snapshot says.

`snapshot.json` holds one fault or note for each message, as data, with its sentence. A new message
needs an entry; ``pytest tests/messages --rewrite-messages`` writes the sentences anew, to be read
in the diff.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import apl_engine
from apl_engine.errors import Fault, Note
from apl_engine.messages import SHARED, entry, subject_messages

PACKAGE = Path(apl_engine.__file__).parent
CATALOGUE = PACKAGE / "messages" / "en"
SNAPSHOT = Path(__file__).with_name("snapshot.json")
# The words above a list of faults.
TITLES = "error"

SUBJECTS = sorted(path.stem for path in CATALOGUE.glob("*.toml"))
MESSAGES = [f"{subject}.{kind}" for subject in SUBJECTS for kind in subject_messages(subject)]


def snapshot() -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(SNAPSHOT.read_text("utf-8"))
    return made


def sentence(data: dict[str, Any]) -> str:
    facts = {key: value for key, value in data.items() if key != "sentence"}
    details = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in facts.pop("details", {}).items()
    }
    for name in ("rows", "values", "examples"):
        if name in facts:
            facts[name] = tuple(facts[name])
    made = Fault if "table" in facts else Note
    return str(made(**facts, details=details))


def message_of(code: str) -> str:
    """Return the message that a code takes its words from."""
    subject, _, kind = code.partition(".")
    return code if kind in subject_messages(subject) else f"{SHARED}.{kind}"


def literals() -> frozenset[str]:
    """Return every text that stands in the code of the package."""
    return frozenset(
        node.value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_messages_read_as_the_snapshot_says() -> None:
    read = [(data["code"], sentence(data), data["sentence"]) for data in snapshot()]
    assert [one for one in read if one[1] != one[2]] == []


def test_every_message_is_in_the_snapshot() -> None:
    shown = {message_of(data["code"]) for data in snapshot()}
    assert shown == {code for code in MESSAGES if not code.startswith(f"{TITLES}.")}


def test_every_message_is_used() -> None:
    def is_used(code: str) -> bool:
        subject, _, kind = code.partition(".")
        return any(kind in text and text != subject for text in texts)

    texts = literals()
    assert [code for code in MESSAGES if not is_used(code)] == []


def test_every_message_has_the_parts_of_a_fault_or_a_note() -> None:
    for code in MESSAGES:
        parts = entry(code)
        assert "problem" in parts or "text" in parts, code
        assert parts.keys() <= {"problem", "hint", "text"}, code
        if not code.startswith(f"{TITLES}."):
            # What follows a problem is put together elsewhere; a hint is a sentence of its own.
            assert not parts.get("problem", "").endswith("."), code
        assert parts.get("hint", ".").endswith((".", "?")), code


def test_codes_in_the_code_are_in_the_catalogue() -> None:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            given = [word.value for word in node.keywords if word.arg == "code"]
            if node.func.id == "Note":
                given += node.args[:1]
            elif node.func.id != "Fault":
                continue
            for value in given:
                if isinstance(value, ast.Constant):
                    assert entry(value.value), (path.name, value.lineno)


def test_a_code_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        entry("population.no_such_kind")
