"""Public functions called with options of wrong types and impossible values."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.tables import frames, methodology, small_world

import apl_engine
from apl_engine import AplError, aids, comparison, imports, inputs, method, networks, results
from apl_engine.methodology import for_year, restore_methodology, vary
from apl_engine.scenarios import scenario_classes, zone_margins

WORLD, RULES = frames(small_world()), methodology()
RESULT = apl_engine.run(WORLD, RULES)
AID_RULES, DAY = aids.load_aid_rules(), date(2024, 5, 1)
ODD: list[Any] = [
    None, -3, 0, True, "2", "", 1.5, math.nan, math.inf, 10**30, 2**63, b"x", [], [1], {"a": 1},
    DAY, object(), "é\0", "\ud800", "x" * 5000, Path("x\0"), pl.Series([1]), pl.DataFrame(),
]  # fmt: skip

# Each with options that it may have, those with nothing to read first.
CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "run": (apl_engine.run, {"inputs": WORLD, "methodology": RULES, "year": None,
                             "columns": None, "network": None}),
    "check": (apl_engine.check, {"inputs": WORLD, "methodology": RULES, "year": None,
                                 "columns": None, "network": None}),
    "build_network": (apl_engine.build_network, {
        "travel_times": WORLD["travel_times"], "communes": WORLD["communes"],
        "methodology": RULES, "reach": None, "threads": None,
    }),
    "compare": (apl_engine.compare, {
        "first": RESULT, "second": RESULT, "population": "second", "methods_differ": False,
        "inputs": (None, None), "apl_as_given": True,
    }),
    "explain": (apl_engine.explain, {"zones": RESULT, "place": "01001", "kind": None,
                                     "inputs": None, "readings": False}),
    "read_inputs": (apl_engine.read_inputs, {"inputs": WORLD, "methodology": RULES,
                                             "columns": None}),
    "read_scenarios": (inputs.read_scenarios, {
        "given": pl.DataFrame({"commune": ["01001"], "a": [1.0]}),
        "communes": WORLD["communes"]["commune"], "columns": None,
    }),
    "prepare_network": (networks.prepare_network, {
        "travel_times": WORLD["travel_times"], "communes": WORLD["communes"],
        "methodology": RULES, "reach": None, "vintage": None, "threads": None,
    }),
    "scenario_classes": (scenario_classes, {
        "result": RESULT, "supply": RESULT.communes["etp"].to_numpy(), "threads": None,
    }),
    "zone_margins": (zone_margins, {"zones": RESULT, "region": None}),
    "classify": (method.classify, {"territories": RESULT.territories, "methodology": RULES}),
    "for_year": (for_year, {"methodology": RULES, "year": 2023}),
    "vary": (vary, {"methodology": RULES, "key": "etp.age_limit", "value": 60, "id": None}),
    "restore_methodology": (restore_methodology, {"record": RULES.as_dict()}),
    "differences": (comparison.differences, {"first": RULES, "second": RULES}),
    "gather": (imports.gather, {"run_file": None, "methodology": RULES}),
    "make_record": (results.make_record, {"result": RESULT}),
    "load_aid_rules": (aids.load_aid_rules, {"path": None}),
    "aids_of_zone": (aids.aids_of_zone, {"zone": "tres_sous_dotee", "on": DAY,
                                         "rules": AID_RULES}),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_odd_options_are_refused_or_do_no_harm(name: str) -> None:
    function, options = CALLS[name]
    pairs = [(option, odd) for option in options for odd in ODD]
    for option, odd in random.Random(date.today().toordinal()).sample(pairs, min(20, len(pairs))):
        try:
            function(**{**options, option: odd})
        except AplError as error:
            assert error.faults, (option, odd)  # noqa: PT017
            assert str(error).encode()  # noqa: PT017


@pytest.mark.parametrize("threads", [-3, 0, True, "2", 1.5, math.nan])
def test_threads(threads: Any) -> None:
    with pytest.raises(AplError):
        apl_engine.build_network(WORLD["travel_times"], WORLD["communes"], RULES, threads=threads)
