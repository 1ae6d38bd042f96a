"""Every public function with odd values in place of each argument: refused, or it does no harm.

A small draw in every run; `APL_ENGINE_FUZZ=10000` tries that many values of each argument.
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from support.public_calls import RULES, WORLD, Call, odd_values, public_calls
from test_docstrings import FUNCTIONS

import apl_engine
from apl_engine import AplError

LONG = os.environ.get("APL_ENGINE_FUZZ") is not None
SEED = int(os.environ.get("APL_ENGINE_FUZZ_SEED", "0"))
# Their answer would take an hour, or a server.
ENDLESS = {("geography.fetch_osrm", "retries"), ("geography.fetch_osrm", "timeout"),
           ("runs.draws", "count")}  # fmt: skip
# Computations of a whole run, of which few are tried at every change.
FEW, MANY = 1, int(os.environ.get("APL_ENGINE_FUZZ", "2"))
HEAVY = {"run", "check", "compare", "runs.load_run", "runs.sweep", "runs.draws",
         "runs.publish_stored",
         "geography.fetch_osrm", "geography.estimate_travel_times"}  # fmt: skip


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Call]]:
    folder = tmp_path_factory.mktemp("calls")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield public_calls(folder)


def test_every_public_function_is_tried(calls: dict[str, Call]) -> None:
    assert calls.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_odd_arguments_are_refused_or_do_no_harm(calls: dict[str, Call], name: str) -> None:
    function, arguments = calls[name]
    draw = random.Random(f"{SEED} {name}")
    tried = [(a, value) for a in arguments for value in odd_values(arguments[a])
             if (name, a) not in ENDLESS]  # fmt: skip
    number = min(MANY * len(arguments), len(tried)) if LONG or name not in HEAVY else FEW
    for argument, odd in draw.sample(tried, number):
        try:
            function(**{**arguments, argument: odd})
        except AplError as error:
            assert error.faults, (argument, odd)  # noqa: PT017
            assert str(error).encode()  # noqa: PT017


@pytest.mark.parametrize("threads", [-3, 0, True, "2", 1.5, math.nan])
def test_threads(threads: Any) -> None:
    with pytest.raises(AplError):
        apl_engine.build_network(WORLD["travel_times"], WORLD["communes"], RULES, threads=threads)


@pytest.mark.parametrize("name", ["runs.publish_stored", "aids.schedule", "runs.load_run"])
def test_their_own_arguments_are_taken(calls: dict[str, Call], name: str) -> None:
    function, arguments = calls[name]
    assert function(**arguments)
