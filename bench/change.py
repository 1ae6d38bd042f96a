"""What if one commune had more supply: the small way, beside a full run on a prepared network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from building import network_of, rules
from synthetic import World, tables

import apl_engine

MORE = 1.5


class Case:
    """A world's checked tables, its network, the result on them, and a commune to change."""

    def __init__(self, world: World) -> None:
        given = tables(world)
        place = int(np.argmax(world.people))
        self.commune = world.codes[place]
        self.network = network_of(world)
        self.inputs = apl_engine.read_inputs(
            {name: table for name, table in given.items() if name != "travel_times"},
            rules(),
            travel_times=False,
        )
        self.result = self.full()
        self.what_if = apl_engine.scenarios.WhatIf(self.result, self.network)

    def full(self) -> apl_engine.Result:
        """Run all of it in memory."""
        return apl_engine.run(self.inputs, rules(), network=self.network)

    def change(self) -> Any:
        """Answer for one commune, territories and their zones included."""
        return self.what_if.change({self.commune: MORE}).territories

    def works(self) -> dict[str, Callable[[], Any]]:
        """Return both, by name."""
        return {"what-if of one commune": self.change, "full run, prepared": self.full}

    def check(self) -> None:
        """Stop unless the change gives the zones that steps anew with its supply give."""
        changed = self.what_if.change({self.commune: MORE})
        communes = self.result.communes
        etp = communes["etp"] + pl.Series(MORE * (communes["commune"] == self.commune))
        apl = apl_engine.scenarios.scenario_accessibility(
            self.network, etp.to_numpy(), communes["standardised_population"].to_numpy(), rules()
        ).apl[:, 0]
        at = changed.communes["commune"].to_list()
        rows = communes["commune"].is_in(at).to_numpy()
        if not np.array_equal(apl[rows], changed.communes["apl"].to_numpy()):
            raise SystemExit("what-if: other figures than a full computation")
        if not np.array_equal(apl[~rows], communes["apl"].to_numpy()[~rows]):
            raise SystemExit("what-if: communes were left out that move")
