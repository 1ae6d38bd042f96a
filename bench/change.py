"""A full run on a prepared network, and the what-if of one commune."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from building import prepared, rules
from synthetic import World, tables

import apl_engine

ADDED_ETP = 1.5


class Case:
    """The validated tables of a world, its network, its result, and a commune to change."""

    def __init__(self, world: World) -> None:
        inputs = tables(world)
        self.commune = world.codes[int(np.argmax(world.people))]
        self.network = prepared(world)
        self.inputs = apl_engine.read_inputs(
            {name: table for name, table in inputs.items() if name != "travel_times"},
            rules(),
            travel_times=False,
        )
        self.result = self.full()
        self.what_if = apl_engine.scenarios.WhatIf(self.result, self.network)

    def full(self, threads: int | None = None) -> apl_engine.Result:
        """Run everything in memory."""
        return apl_engine.run(self.inputs, rules(), network=self.network, threads=threads)

    def change(self) -> Any:
        """Change the supply of one commune, and zone the territories again."""
        return self.what_if.change({self.commune: ADDED_ETP}).territories

    def check(self) -> None:
        """Exit unless a full computation with the changed supply gives the same figures."""
        changed = self.what_if.change({self.commune: ADDED_ETP})
        communes = self.result.communes
        etp = communes["etp"] + pl.Series(ADDED_ETP * (communes["commune"] == self.commune))
        apl = apl_engine.scenarios.scenario_accessibility(
            self.network, etp.to_numpy(), communes["standardised_population"].to_numpy(), rules()
        ).apl[:, 0]
        affected = changed.communes["commune"].to_list()
        rows = communes["commune"].is_in(affected).to_numpy()
        if not np.array_equal(apl[rows], changed.communes["apl"].to_numpy()):
            raise SystemExit("what-if: figures differ from those of a full computation")
        if not np.array_equal(apl[~rows], communes["apl"].to_numpy()[~rows]):
            raise SystemExit("what-if: communes whose APL changes are missing")
