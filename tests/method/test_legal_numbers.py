"""The figures of the law live in the methodology files: the method repeats none of them."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from apl_engine import list_methodologies, load_methodology, method

# 0, 1 and 2 count and index; 100 makes a share a percentage.
_ORDINARY = {0.0, 1.0, 2.0, 100.0}


def figures(value: Any) -> set[float]:
    """Return the numbers in a parameter as it is recorded, fractions included."""
    if isinstance(value, dict):
        return {number for part in value.values() for number in figures(part)}
    if isinstance(value, list | tuple):
        return {number for part in value for number in figures(part)}
    if isinstance(value, str) and re.fullmatch(r"\d+/\d+", value):
        above, below = map(int, value.split("/"))
        return {above / below}
    if isinstance(value, bool) or not isinstance(value, int | float):
        return set()
    return {float(value)}


def test_no_figure_of_a_methodology_is_a_literal_of_the_method() -> None:
    legal = {
        number
        for name in list_methodologies()
        for parameter in load_methodology(name).parameters
        for number in figures(parameter.as_dict()["value"])
    } - _ORDINARY
    assert {65.0, 15.0, 100_000.0, 0.9} <= legal
    for path in Path(method.__file__).parent.glob("*.py"):
        literals = {
            float(node.value)
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and type(node.value) in (int, float)
        }
        assert not literals & legal, path.name
