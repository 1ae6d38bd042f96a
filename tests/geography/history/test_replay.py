"""Events replayed: mergers undone, communes divided; compared with communes as sets of land."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.communes_over_time import TALICAN, became, events, kinds, merged, new_codes, undone

from apl_engine.geography.history.events import affected_codes, codes_in_use, group_by_day
from apl_engine.geography.history.passage import passage_from_events

Land = dict[str, set[str]]
Snapshots = dict[int, Land]


def test_the_successor_of_an_undone_merger_is_the_commune_of_its_name() -> None:
    # Beaumont gets its code back; Les Hauts-Talican continues under that of Villotran.
    found = passage_from_events(TALICAN, 2016, 2024)
    assert new_codes(found) == {"60452": ["60694"], "60694": ["60694"]}
    assert found.absent_before == set()
    assert found.absent_after == {"60452"}


def test_a_commune_created_later_derives_from_a_commune_of_the_first_year() -> None:
    rows = events((20, "2005-01-01", "01001", "01001"), (20, "2005-01-01", "01001", "01900"))
    found = passage_from_events(rows, 2004, 2006)
    assert new_codes(found) == {"01001": ["01001", "01900"]}
    assert found.absent_before == {"01900"}
    # Both parts merge again: the commune is unchanged.
    back = events((31, "2010-01-01", "01900", "01001"))
    assert became(pl.concat([rows, back]), 2004, 2011) == {}
    assert became(pl.concat([rows, back]), 2006, 2011) == {
        "01001": ["01001"], "01900": ["01001"]
    }  # fmt: skip


def test_a_commune_suppressed_into_its_former_communes() -> None:
    made = events(*((31, "2000-01-01", code, "01009") for code in ("01001", "01002")))
    apart = events(*((30, "2010-01-01", "01009", code) for code in ("01001", "01002")))
    found = passage_from_events(pl.concat([made, apart]), 1999, 2011)
    # The area that was 01009 from the beginning is divided.
    assert new_codes(found) == {
        "01001": ["01001"], "01002": ["01002"], "01009": ["01001", "01002"]
    }  # fmt: skip


def test_a_new_part_is_cut_out_of_every_former_commune() -> None:
    made = events(*((32, "2000-01-01", code, "01009") for code in ("01001", "01002")))
    apart = events(*((20, "2010-01-01", "01009", f"0100{k}") for k in (1, 2, 3)))
    found = passage_from_events(pl.concat([made, apart]), 1999, 2011)
    assert new_codes(found) == {"01001": ["01001", "01003"], "01002": ["01002", "01003"]}
    since = passage_from_events(pl.concat([made, apart]), 2001, 2011)
    assert new_codes(since) == {"01009": ["01001", "01002", "01003"]}


def test_an_earlier_merger_is_undone_before_a_later_one() -> None:
    rows = events(
        *merged("2001-01-01", "01001", "01009"), *merged("2002-01-01", "01002", "01009"),
        *undone("2003-01-01", "01009", "01001"),
    )  # fmt: skip
    assert became(rows, 2000, 2003) == {
        "01002": ["01009"],
        "01009": ["01009"],
    }


def test_mergers_within_mergers_are_undone_one_by_one() -> None:
    rows = events(
        *merged("2001-01-01", "01001", "01002"), *merged("2002-01-01", "01002", "01003"),
        *undone("2003-01-01", "01003", "01002"), *undone("2004-01-01", "01002", "01001"),
    )  # fmt: skip
    assert became(rows, 2000, 2003) == {
        "01001": ["01002"],
        "01002": ["01002"],
    }
    assert became(rows, 2000, 2004) == {}
    assert became(rows, 2002, 2004) == {"01003": ["01001", "01002", "01003"]}


def test_communes_that_exchanged_codes_are_not_confused() -> None:
    rows = events(
        *merged("2001-01-01", "01001", "01002"),
        (50, "2002-01-01", "01002", "01003"), (50, "2002-01-01", "01003", "01002"),
        *merged("2003-01-01", "01002", "01003"), *undone("2004-01-01", "01003", "01002"),
    )  # fmt: skip
    assert became(rows, 2000, 2004) == {
        "01001": ["01003"], "01002": ["01003"], "01003": ["01002"]
    }  # fmt: skip


class World:
    """Communes as sets of indivisible areas, each named after its first commune."""

    def __init__(self, codes: list[str]) -> None:
        self.land = {code: {code} for code in codes}
        self.members: dict[str, dict[str, set[str]]] = {code: {} for code in codes}
        self.rows: list[tuple[Any, ...]] = []
        self.unused = 900

    def merge(self, day: str, keeper: str, others: list[str], mod: int) -> None:
        for code in (keeper, *others):
            self.rows.append((mod, day, code, keeper))
        for code in others:
            self.rows.append((mod, day, code, code, ("COM", "COMD")))
            land, members = self.land.pop(code), self.members.pop(code)
            self.members[keeper] |= {**members, code: set(land)}
            self.land[keeper] |= land

    def undo(self, day: str, keeper: str, code: str) -> None:
        back = self.members[keeper].pop(code) & self.land[keeper]
        self.rows += [(21, day, keeper, keeper), (21, day, keeper, code)]
        self.rows.append((21, day, code, code, ("COMD", "COM")))
        self.land[keeper] -= back
        self.land[code] = back
        inside = {c: m for c, m in self.members[keeper].items() if m <= back}
        self.members[code] = inside
        # The area that left belongs to no other former commune that may return.
        outside = {c: m - back for c, m in self.members[keeper].items() if c not in inside}
        self.members[keeper] = {c: m for c, m in outside.items() if m}

    def recode(self, day: str, before: str, after: str, mod: int) -> None:
        self.rows.append((mod, day, before, after))
        self.land[after] = self.land.pop(before)
        self.members[after] = self.members.pop(before)

    def swap(self, day: str, one: str, other: str) -> None:
        self.rows += [(50, day, one, other), (50, day, other, one)]
        for areas in (self.land, self.members):
            areas[one], areas[other] = areas[other], areas[one]  # type: ignore[index]

    def fresh(self, departement: str) -> str:
        self.unused += 1
        return f"{departement}{self.unused}"


@st.composite
def histories(draw: st.DrawFn) -> tuple[pl.DataFrame, Snapshots]:
    """Draw events, and the land of each commune on 1 January of each year."""
    world = World([f"0100{k}" for k in range(1, draw(st.integers(3, 5)))])
    day = date(2018, 1, 1)
    snapshots = {}
    for _ in range(draw(st.integers(3, 10))):
        step = draw(st.sampled_from(["day", "year"]))
        before = day
        day = day + timedelta(40) if step == "day" else date(day.year + 1, 1, 1)
        for year in range(before.year + (before > date(before.year, 1, 1)), day.year + 1):
            if date(year, 1, 1) < day:
                snapshots[year] = {code: set(land) for code, land in world.land.items()}
        _event(draw, world, day.isoformat())
    for year in (day.year + (day > date(day.year, 1, 1)), day.year + 1):
        snapshots[year] = {code: set(land) for code, land in world.land.items()}
    rows = draw(st.permutations(world.rows))
    return events(*rows), snapshots


def _event(draw: st.DrawFn, world: World, day: str) -> None:
    codes = sorted(world.land)
    undoable = sorted(
        (keeper, code) for keeper, members in world.members.items() for code in members
        if code not in world.land and members[code] < world.land[keeper]
    )  # fmt: skip
    kind = draw(st.sampled_from(["undo", "merge", "merge", "swap", "recode", "41"]))
    if undoable and (kind == "undo" or draw(st.booleans())):
        world.undo(day, *draw(st.sampled_from(undoable)))
    elif kind == "swap" and len(codes) > 1:
        one, other = draw(st.permutations(codes))[:2]
        world.swap(day, one, other)
    elif kind == "41":
        world.recode(day, draw(st.sampled_from(codes)), world.fresh("38"), 41)
    elif kind == "recode":
        world.recode(day, draw(st.sampled_from(codes)), world.fresh("01"), 50)
    elif len(codes) > 2:
        keeper, *others = draw(st.permutations(codes))[: draw(st.integers(2, 3))]
        world.merge(day, keeper, others, draw(st.sampled_from([31, 32, 33])))


@pytest.mark.heavy
@pytest.mark.slow
@given(histories())
def test_passage_follows_the_land(history: tuple[pl.DataFrame, Snapshots]) -> None:
    movements, snapshots = history
    for one, other in itertools.combinations(sorted(snapshots), 2):
        check_passage(movements, one, snapshots[one], other, snapshots[other])
    latest, earliest = max(snapshots), min(snapshots)
    check_passage(movements, latest, snapshots[latest], earliest, snapshots[earliest])


def check_passage(movements: pl.DataFrame, one: int, was: Land, other: int, now: Land) -> None:
    """Compare a passage with the land that communes of both years share."""
    expected: set[tuple[str, str]] = {
        (old, new) for old, land in was.items() for new, later in now.items() if land & later
    }
    found = passage_from_events(movements, one, other)
    moving = new_codes(found)
    pairs: set[tuple[str, str]] = {(old, new) for old, news in moving.items() for new in news}
    pairs |= {(code, code) for code in was if code not in moving}
    assert pairs == expected
    ways, parts = Counter(old for old, _ in expected), Counter(new for _, new in expected)
    for (old, new), kind in kinds(found).items():
        assert kind == ("split" if ways[old] > 1 else "merged" if parts[new] > 1 else "recoded")
    days = group_by_day(movements)
    assert codes_in_use(days, [one])[one] == was.keys() & affected_codes(days)
    assert found.absent_before == affected_codes(days) - was.keys()
