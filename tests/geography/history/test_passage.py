"""Communes through the years: who became whom, and tables brought from one year to another."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.communes_over_time import events, note

from apl_engine.errors import InputDataError
from apl_engine.geography.history.convert import (
    bring_apl,
    bring_population,
    bring_practitioners,
    bring_travel_times,
)
from apl_engine.geography.history.events import days_of, living_by_year, touched
from apl_engine.geography.history.guess_vintage import (
    fit_of_years,
    guess_vintage,
    vintage_fault,
    whole_cities,
)
from apl_engine.geography.history.mergers import bring_communes
from apl_engine.geography.history.passage import Passage, passage, passage_from_table

DATA = Path(os.environ.get("APL_ENGINE_OPEN_DATA", Path(__file__).parents[4] / "shared" / "data"))

Event = tuple[int, str, str, str]
Pairs = set[tuple[str, str]]
Land = dict[str, set[str]]


def steps(found: Passage) -> dict[str, list[str]]:
    """Return the links: each old code and its new codes."""
    rows: dict[str, list[str]] = {}
    for before, after in found.links.select("before", "after").iter_rows():
        rows.setdefault(before, []).append(after)
    return rows


def kinds(found: Passage) -> dict[tuple[str, str], str]:
    return {(b, a): k for b, a, k in found.links.select("before", "after", "kind").iter_rows()}


TALICAN = events(
    (32, "2017-01-01", "60054", "60054", "Beaumont-les-Nonains", "Les Hauts-Talican"),
    (32, "2017-01-01", "60452", "60054", "La Neuville-Garnier", "Les Hauts-Talican"),
    (32, "2017-01-01", "60694", "60054", "Villotran", "Les Hauts-Talican"),
    (32, "2017-01-01", "60694", "60694", ("COM", "COMD"), "Villotran", "Villotran"),
    (21, "2024-01-01", "60054", "60054", "Les Hauts-Talican", "Beaumont-les-Nonains"),
    (50, "2024-01-01", "60054", "60694", "Les Hauts-Talican", "Les Hauts-Talican"),
)


def test_a_merger_adds_communes_under_the_code_of_one() -> None:
    found = passage(TALICAN, 2016, 2017)
    assert steps(found) == {"60054": ["60054"], "60452": ["60054"], "60694": ["60054"]}
    assert set(kinds(found).values()) == {"merged"}
    assert found.links["label_after"].unique().to_list() == ["Les Hauts-Talican"]


def test_the_geography_of_a_year_is_that_of_its_first_january() -> None:
    assert steps(passage(TALICAN, 2017, 2023)) == {}
    assert steps(passage(TALICAN, 2023, 2024)) == {"60054": ["60054", "60694"]}
    late = events((32, "2017-01-02", "60452", "60054"), (32, "2017-01-02", "60054", "60054"))
    assert steps(passage(late, 2016, 2017)) == {}
    assert steps(passage(late, 2017, 2018)) == {"60054": ["60054"], "60452": ["60054"]}


def test_a_merger_undone_sends_each_commune_home_and_the_name_tells_who_goes_on() -> None:
    # Beaumont is a commune again under its code; Les Hauts-Talican goes on under Villotran's.
    found = passage(TALICAN, 2016, 2024)
    assert steps(found) == {"60452": ["60694"], "60694": ["60694"]}
    assert found.absent_before == set()
    assert found.absent_after == {"60452"}


def test_backward_a_merger_is_a_split_and_names_are_those_of_the_later_year() -> None:
    found = passage(TALICAN, 2017, 2016)
    assert kinds(found) == {("60054", c): "split" for c in ("60054", "60452", "60694")}
    assert set(found.links["label_before"]) == {"Les Hauts-Talican"}
    assert "Villotran" in found.links["label_after"].to_list()
    assert steps(passage(TALICAN, 2024, 2016)) == {"60694": ["60452", "60694"]}


def test_codes_exchanged_on_one_day() -> None:
    swap = events((50, "2020-05-01", "01001", "01002"), (50, "2020-05-01", "01002", "01001"))
    assert steps(passage(swap, 2020, 2021)) == {"01001": ["01002"], "01002": ["01001"]}
    assert set(kinds(passage(swap, 2020, 2021)).values()) == {"recoded"}


def test_a_code_taken_only_to_be_merged_on_the_same_day_is_followed() -> None:
    # Freigné came to Loire-Atlantique and into Vallons-de-l'Erdre on one day.
    freigne = events(
        (41, "2018-01-01", "49144", "44225"),
        (32, "2018-01-01", "44225", "44180"),
        (32, "2018-01-01", "44180", "44180"),
    )
    found = passage(freigne, 2017, 2018)
    assert steps(found) == {"44180": ["44180"], "49144": ["44180"]}
    assert "44225" not in touched(days_of(freigne))


def test_a_commune_nouvelle_that_changes_its_code_on_the_day_of_its_creation() -> None:
    merged = events(
        (32, "2019-01-01", "01002", "01001"),
        (32, "2019-01-01", "01001", "01001"),
        (50, "2019-01-01", "01001", "01002"),
    )
    assert steps(passage(merged, 2018, 2019)) == {"01001": ["01002"], "01002": ["01002"]}


def test_a_code_that_is_in_use_is_not_passed_through() -> None:
    # 01002 merges into 01003, and 01001, known to live, takes the code that this leaves.
    rows = events(
        (50, "2015-03-01", "01009", "01002"),
        (50, "2019-01-01", "01001", "01002"),
        (32, "2019-01-01", "01002", "01003"),
        (32, "2019-01-01", "01003", "01003"),
    )
    found = steps(passage(rows, 2018, 2019))
    assert found == {"01001": ["01002"], "01002": ["01003"], "01003": ["01003"]}


@pytest.mark.parametrize("mod", [31, 33])
def test_the_commune_that_others_merge_into_need_not_be_listed(mod: int) -> None:
    rows = events((mod, "1973-01-01", "01002", "01001"))
    assert steps(passage(rows, 1972, 1973)) == {"01001": ["01001"], "01002": ["01001"]}


def test_changes_of_name_and_of_deputy_communes_move_no_code() -> None:
    rows = events(
        (10, "2020-01-01", "01001", "01001", "Old", "New"),
        (34, "2020-01-01", "01001", "01001"),
        (34, "2020-01-01", "01002", "01001", ("COMA", "COM")),
        (35, "2020-01-01", "01003", "01001", ("COMD", "COM")),
        (70, "2020-01-01", "01004", "01004", ("COMA", "COMD")),
        (41, "2020-01-01", "01001", "38001"),
    )
    assert steps(passage(rows, 2019, 2020)) == {"01001": ["38001"]}


def test_a_suppressed_commune_is_shared_out() -> None:
    rows = events((30, "1950-01-01", "01003", "01001"), (30, "1950-01-01", "01003", "01002"))
    found = passage(rows, 1949, 1950)
    assert steps(found) == {
        "01001": ["01001"], "01002": ["01002"], "01003": ["01001", "01002"]
    }  # fmt: skip
    assert kinds(found)["01003", "01001"] == "split"
    assert kinds(found)["01001", "01001"] == "merged"


def test_arrondissements_count_as_communes() -> None:
    rows = events((31, "1963-08-07", "69232", "69385", ("COM", "ARM")))
    assert steps(passage(rows, 1963, 1964))["69232"] == ["69385"]


def test_what_is_cut_out_later_comes_from_the_communes_of_the_first_year() -> None:
    rows = events((20, "2005-01-01", "01001", "01001"), (20, "2005-01-01", "01001", "01900"))
    found = passage(rows, 2004, 2006)
    assert steps(found) == {"01001": ["01001", "01900"]}
    assert found.absent_before == {"01900"}
    # Both parts merge again: the commune is as it was, but for what no event tells.
    back = events((31, "2010-01-01", "01900", "01001"))
    assert steps(passage(pl.concat([rows, back]), 2004, 2011)) == {}
    assert steps(passage(pl.concat([rows, back]), 2006, 2011)) == {
        "01001": ["01001"], "01900": ["01001"]
    }  # fmt: skip


def test_a_commune_that_falls_apart_into_those_that_made_it() -> None:
    made = events(*((31, "2000-01-01", code, "01009") for code in ("01001", "01002")))
    apart = events(*((30, "2010-01-01", "01009", code) for code in ("01001", "01002")))
    found = passage(pl.concat([made, apart]), 1999, 2011)
    # What was 01009 alone has no other home.
    assert steps(found) == {
        "01001": ["01001"], "01002": ["01002"], "01009": ["01001", "01002"]
    }  # fmt: skip


def test_what_no_commune_comes_home_to_is_cut_out_of_the_whole() -> None:
    made = events(*((32, "2000-01-01", code, "01009") for code in ("01001", "01002")))
    apart = events(*((20, "2010-01-01", "01009", f"0100{k}") for k in (1, 2, 3)))
    found = passage(pl.concat([made, apart]), 1999, 2011)
    assert steps(found) == {"01001": ["01001", "01003"], "01002": ["01002", "01003"]}
    since = passage(pl.concat([made, apart]), 2001, 2011)
    assert steps(since) == {"01009": ["01001", "01002", "01003"]}


def merged(day: str, before: str, after: str) -> list[tuple[Any, ...]]:
    return [(32, day, before, after), (32, day, after, after)]


def undone(day: str, before: str, after: str) -> list[tuple[Any, ...]]:
    return [(21, day, before, after), (21, day, before, before)]


def test_an_earlier_merger_is_undone_before_a_later_one() -> None:
    rows = events(
        *merged("2001-01-01", "01001", "01009"), *merged("2002-01-01", "01002", "01009"),
        *undone("2003-01-01", "01009", "01001"),
    )  # fmt: skip
    assert steps(passage(rows, 2000, 2003)) == {"01002": ["01009"], "01009": ["01009"]}


def test_mergers_within_mergers_are_undone_one_by_one() -> None:
    rows = events(
        *merged("2001-01-01", "01001", "01002"), *merged("2002-01-01", "01002", "01003"),
        *undone("2003-01-01", "01003", "01002"), *undone("2004-01-01", "01002", "01001"),
    )  # fmt: skip
    assert steps(passage(rows, 2000, 2003)) == {"01001": ["01002"], "01002": ["01002"]}
    assert steps(passage(rows, 2000, 2004)) == {}
    assert steps(passage(rows, 2002, 2004)) == {"01003": ["01001", "01002", "01003"]}


def test_a_commune_that_exchanged_its_code_is_not_taken_for_the_other_one() -> None:
    rows = events(
        *merged("2001-01-01", "01001", "01002"),
        (50, "2002-01-01", "01002", "01003"), (50, "2002-01-01", "01003", "01002"),
        *merged("2003-01-01", "01002", "01003"), *undone("2004-01-01", "01003", "01002"),
    )  # fmt: skip
    assert steps(passage(rows, 2000, 2004)) == {
        "01001": ["01003"], "01002": ["01003"], "01003": ["01002"]
    }  # fmt: skip


def test_what_is_wrong_with_events_is_told() -> None:
    with pytest.raises(InputDataError, match="columns are missing: mod, label_after"):
        passage(TALICAN.drop("mod", "label_after"), 2016, 2017)
    holes = TALICAN.with_columns(pl.lit(None, pl.Date).alias("date"))
    with pytest.raises(InputDataError, match=r"column 'date': no value \(6 rows; rows 1, 2"):
        passage(holes, 2016, 2017)


# --- against a replay of whole communes as sets of land -------------------------------------------


class World:
    """Communes as sets of indivisible pieces of land, each named by its first commune."""

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
        # What left is no part of any other former commune that may come back.
        outside = {c: m - back for c, m in self.members[keeper].items() if c not in inside}
        self.members[keeper] = {c: m for c, m in outside.items() if m}

    def recode(self, day: str, before: str, after: str, mod: int) -> None:
        self.rows.append((mod, day, before, after))
        self.land[after] = self.land.pop(before)
        self.members[after] = self.members.pop(before)

    def swap(self, day: str, one: str, other: str) -> None:
        self.rows += [(50, day, one, other), (50, day, other, one)]
        for held in (self.land, self.members):
            held[one], held[other] = held[other], held[one]  # type: ignore[index]

    def fresh(self, departement: str) -> str:
        self.unused += 1
        return f"{departement}{self.unused}"


@st.composite
def histories(draw: st.DrawFn) -> tuple[pl.DataFrame, dict[int, Land]]:
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


@pytest.mark.slow
@given(histories())
@settings(max_examples=60)
def test_passage_follows_the_land(
    history: tuple[pl.DataFrame, dict[int, Land]],
) -> None:
    movements, snapshots = history
    for one, other in itertools.combinations(sorted(snapshots), 2):
        check_passage(movements, one, snapshots[one], other, snapshots[other])
    latest, earliest = max(snapshots), min(snapshots)
    check_passage(movements, latest, snapshots[latest], earliest, snapshots[earliest])


def check_passage(
    movements: pl.DataFrame,
    one: int,
    was: dict[str, set[str]],
    other: int,
    now: dict[str, set[str]],
) -> None:
    """Compare a passage with the land that communes of both years share."""
    expected: Pairs = {
        (old, new) for old, land in was.items() for new, later in now.items() if land & later
    }
    found = passage(movements, one, other)
    moving = steps(found)
    pairs: Pairs = {(old, new) for old, news in moving.items() for new in news}
    pairs |= {(code, code) for code in was if code not in moving}
    assert pairs == expected
    ways, parts = Counter(old for old, _ in expected), Counter(new for _, new in expected)
    for (old, new), kind in kinds(found).items():
        assert kind == ("split" if ways[old] > 1 else "merged" if parts[new] > 1 else "recoded")
    days = days_of(movements)
    assert living_by_year(days, [one])[one] == was.keys() & touched(days)
    assert found.absent_before == touched(days) - was.keys()


# --- INSEE's table de passage ---------------------------------------------------------------------


def real() -> pl.DataFrame:
    path = DATA / "insee_passage_2021_2024.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is not there")
    return pl.read_csv(path, separator=";", infer_schema=False)


def test_the_table_of_insee_forward() -> None:
    table = real()
    found = passage_from_table(table, 2021, 2024)
    assert kinds(found)["27058", "27676"] == "recoded"
    assert steps(found)["60054"] == ["60054", "60694"]
    assert steps(found)["85084"] == ["85084", "85165", "85212"]
    assert steps(found)["51637"] == ["51457"]
    assert found.links.filter(pl.col("kind") != "merged").height == 6
    changed = table.filter(pl.col("COM2021") != pl.col("COM2024"))
    assert set(changed["COM2021"]) <= steps(found).keys()
    assert found.absent_before == {"27676", "60694", "85165", "85212"}


def test_the_table_of_insee_backward_is_forward_turned_round() -> None:
    there, back = passage_from_table(real(), 2021, 2024), passage_from_table(real(), 2024, 2021)
    assert {(b, a) for a, b in kinds(back)} == set(kinds(there))
    assert kinds(back)["51457", "51637"] == "split"


def test_the_table_of_insee_tells_vintages() -> None:
    table = real()
    for year in (2021, 2022, 2023, 2024):
        fit = fit_of_years(table[f"COM{year}"], table).filter(year=year)
        assert fit.select("unknown", "missing").row(0) == (0, 0)
    assert guess_vintage(table["COM2023"], table) == [2023]
    assert guess_vintage(["60694", "01001", "75101"], table) == [2024]
    fault = vintage_fault("communes", table["COM2024"], 2023, table)
    assert str(fault) == (
        "communes: 3 commune codes unknown in 2023 (values such as '60694', '85165', '85212'). "
        "They exist from 2024: is this a file of vintage 2024?"
    )


INITIAL = pl.DataFrame(
    {
        "CODGEO_INI": ["01001", "01002", "01003", "01003"],
        "CODGEO_2024": ["01001", "01001", "01003", "01004"],
        "RATIO": ["1", "1", "0.75", "0.25"],
    }
)


def test_the_layout_with_initial_codes_and_shares() -> None:
    found = passage_from_table(INITIAL, 2020, 2024)
    assert kinds(found)["01003", "01004"] == "split"
    assert found.links.filter(kind="split")["share"].to_list() == [0.75, 0.25]
    back = passage_from_table(INITIAL, 2024, 2020)
    assert kinds(back) == {
        ("01001", "01001"): "split", ("01001", "01002"): "split",
        ("01003", "01003"): "merged", ("01004", "01003"): "merged",
    }  # fmt: skip
    assert back.links["share"].null_count() == 4


def test_a_year_that_the_table_lacks_is_told() -> None:
    with pytest.raises(InputDataError, match=r"no column for 2019. Years it holds: 2021, 2022"):
        passage_from_table(pl.DataFrame({"COM2021": [], "COM2022": []}), 2019, 2022)
    with pytest.raises(InputDataError, match=r"no column for 2019\. Years it holds: 2024"):
        passage_from_table(INITIAL, 2019, 2020)
    with pytest.raises(InputDataError, match="Years it holds: none"):
        passage_from_table(pl.DataFrame({"a": []}), 2019, 2020)


# --- vintages and cities --------------------------------------------------------------------------


def test_vintages_by_events() -> None:
    assert guess_vintage(["60452"], TALICAN) == [2016]
    assert guess_vintage(["60054"], TALICAN) == list(range(2016, 2026))
    assert guess_vintage(["60694"], TALICAN) == [2016, 2024, 2025]
    assert guess_vintage(["60694"], TALICAN.clear()) == []
    fault = vintage_fault("communes", ["60452", "60054"], 2020, TALICAN)
    assert "1 commune code unknown in 2020 (value '60452')" in str(fault)
    assert "They existed in 2016: is this a file of vintage 2016?" in str(fault)
    assert vintage_fault("communes", ["60054"], 2020, TALICAN) is None


def test_no_year_may_have_the_codes_and_private_codes_are_not_shown() -> None:
    reference = {2020: {"01001"}, 2021: {"01001"}}
    table = pl.DataFrame({"COM2020": ["01001"]})
    fault = vintage_fault("practitioners", ["99999"], 2020, table, reference, private=True)
    assert "Check them: no year known here has more of them." in str(fault)
    assert "99999" not in str(fault)
    assert vintage_fault("communes", ["99999"], 1999, table) is None


ARRONDISSEMENTS = pl.DataFrame(
    {"arrondissement": ["75101", "75102", "13201"], "city": ["75056", "75056", "13055"]}
)


def test_cities_that_must_go_by_arrondissement() -> None:
    assert whole_cities("population", ["75101", "01001"], ARRONDISSEMENTS) == []
    (fault,) = whole_cities("population", ["75056", "13201"], ARRONDISSEMENTS)
    assert "'75056'" in str(fault)
    assert "one row per arrondissement, such as 75101" in str(fault)
    renamed = ARRONDISSEMENTS.rename({"arrondissement": "commune"})
    (fault,) = whole_cities("population", ["75056", "75102"], renamed)
    assert "beside their own arrondissements" in str(fault)
    for fault in whole_cities("practitioners", ["75056", "13055", "13201"], renamed, private=True):
        assert "75" not in str(fault)
        assert "13" not in str(fault)


# --- tables brought to another year ---------------------------------------------------------------


SPLIT = events(
    (21, "2024-01-01", "01001", "01001", "Whole", "Whole"),
    (21, "2024-01-01", "01001", "01002", "Whole", "Part"),
    (32, "2024-01-01", "01005", "01006", "Five", "Six"),
    (32, "2024-01-01", "01006", "01006", "Sixth", "Six"),
    (50, "2024-01-01", "01007", "01008", "Seven", "Eight"),
)
YEARS = passage(SPLIT, 2023, 2024)


def people(**rows: float) -> pl.DataFrame:
    return pl.DataFrame(
        {"commune": [c[1:] for c in rows], "age_band": "00-04", "population": [*rows.values()]},
        schema_overrides={"population": pl.Float64},
    )


WEIGHTS = people(c01001=30.0, c01002=10.0)


def test_people_add_up_and_are_shared_out() -> None:
    given_ = people(c01001=100.0, c01005=0.1, c01006=0.2, c01007=7.0, c01009=9.0)
    brought = bring_population(given_, YEARS, weights=WEIGHTS)
    assert dict(brought.table.drop("age_band").iter_rows()) == {
        "01001": 75.0, "01002": 25.0, "01006": 0.1 + 0.2, "01008": 7.0, "01009": 9.0,
    }  # fmt: skip
    assert brought.report.rows() == [
        ("01001", "Whole", "01001, 01002", "split", date(2024, 1, 1), 21),
        ("01005", "Five", "01006", "merged", date(2024, 1, 1), 32),
        ("01006", "Sixth", "01006", "merged", date(2024, 1, 1), 32),
        ("01007", "Seven", "01008", "changed", date(2024, 1, 1), 50),
    ]
    assert note(brought.notes, "communes_merged").count == 2
    assert "split from 2023 to 2024: 01001" in str(note(brought.notes, "communes_split"))
    assert note(brought.notes, "communes_changed").examples == ("01007",)


def test_people_of_split_communes_need_weights() -> None:
    for weights in (None, people(c01001=30.0), people(c01001=0.0, c01002=0.0)):
        with pytest.raises(InputDataError, match="later year for: 01001, 01002") as told:
            bring_population(people(c01001=1.0), YEARS, weights=weights)
        assert "'01001'" in str(told.value)
    shared = bring_population(people(c01003=8.0), passage_from_table(INITIAL, 2023, 2024))
    assert shared.table["population"].to_list() == [6.0, 2.0]
    assert bring_population(people(c01007=1.0), YEARS).table["commune"].to_list() == ["01008"]


@given(st.permutations(range(8)))
@settings(max_examples=20)
def test_sums_have_the_same_bits_whatever_the_order_of_rows(order: list[int]) -> None:
    rows = events(*((31, "2024-01-01", f"0100{k}", "01000") for k in range(1, 8)))
    given_ = people(**{f"c0100{k}": 0.1 * 3**k + 1e-9 for k in range(8)})
    brought = bring_population(given_[order], passage(rows, 2023, 2024)).table
    total = 0.0
    for value in given_["population"]:
        total += value
    assert brought.rows() == [("01000", "00-04", total)]


def test_age_bands_stay_apart() -> None:
    both = pl.concat([people(c01005=1.0, c01006=2.0), people(c01005=4.0, c01006=8.0).with_columns(
        pl.lit("05-09").alias("age_band"))])  # fmt: skip
    found = bring_population(both, YEARS).table.rows()
    assert found == [("01006", "00-04", 3.0), ("01006", "05-09", 12.0)]


def test_strange_codes_are_told_and_left() -> None:
    table = pl.DataFrame({"COM2023": ["01001", "01003"], "COM2024": ["01003", "01003"]})
    years = passage_from_table(table, 2023, 2024)
    brought = bring_population(people(c01001=1.0, c98765=5.0, c75101=6.0), years)
    assert note(brought.notes, "communes_unknown").examples == ("98765",)
    assert note(brought.notes, "communes_unknown").warning
    assert ("98765", None, None, "unknown", None, None) in brought.report.rows()
    assert brought.table.filter(commune="98765")["population"].to_list() == [5.0]
    brought = bring_population(people(c01009=1.0), YEARS, target={"01001"})
    assert note(brought.notes, "communes_unknown").examples == ("01009",)
    brought = bring_population(people(c01008=1.0), YEARS)
    assert note(brought.notes, "communes_already").examples == ("01008",)
    assert brought.report.is_empty()


def test_codes_of_both_years_would_count_twice() -> None:
    with pytest.raises(InputDataError, match=r"beside codes of 2023 \(value .01008.\)") as told:
        bring_population(people(c01007=1.0, c01008=1.0), YEARS)
    assert "Is this a file of vintage 2024?" in str(told.value)


def practices(*rows: tuple[str, str, float, float, bool]) -> pl.DataFrame:
    names = ["practitioner_id", "commune", "acts", "fees", "newly_installed"]
    return pl.DataFrame(rows, names, orient="row").with_columns(age=pl.lit(40))


def test_practices_that_come_together_add_up() -> None:
    given_ = practices(
        ("a", "01005", 100.0, 1000.0, False), ("a", "01006", 10.0, 100.0, True),
        ("b", "01006", 1.0, 10.0, False), ("c", "01001", 5.0, 50.0, False),
        ("d", "01009", 6.0, 60.0, True),
    )  # fmt: skip
    brought = bring_practitioners(given_, YEARS)
    assert brought.table.sort("practitioner_id").rows() == [
        ("a", "01006", 110.0, 1100.0, True, 40),
        ("b", "01006", 1.0, 10.0, False, 40),
        ("c", "01001", 5.0, 50.0, False, 40),
        ("d", "01009", 6.0, 60.0, True, 40),
    ]
    assert note(brought.notes, "practices_joined").count == 1
    split = note(brought.notes, "practices_in_split_communes")
    assert (split.count, split.warning) == (1, True)
    assert all(not told.examples for told in brought.notes)


def test_a_practice_where_no_part_keeps_the_code() -> None:
    rows = events((20, "2024-01-01", "01001", "01002"), (20, "2024-01-01", "01001", "01003"))
    years = passage(rows, 2023, 2024)
    given_ = practices(("a", "01001", 1.0, 2.0, False))
    with pytest.raises(InputDataError, match="later year for: 01002, 01003") as told:
        bring_practitioners(given_, years)
    assert "'a'" not in str(told.value)
    brought = bring_practitioners(given_, years, weights=people(c01002=5.0, c01003=6.0))
    assert brought.table["commune"].to_list() == ["01003"]
    brought = bring_practitioners(given_, years, weights=people(c01002=6.0, c01003=6.0))
    assert brought.table["commune"].to_list() == ["01002"]


def test_columns_that_practitioners_lack_are_not_needed() -> None:
    given_ = practices(("a", "01005", 1.0, 2.0, False)).select("practitioner_id", "commune")
    assert bring_practitioners(given_, YEARS).table.rows() == [("a", "01006")]


TIMES = pl.DataFrame(
    [
        ("01005", "01009", 9.0), ("01006", "01009", 12.0), ("01009", "01005", 8.0),
        ("01005", "01006", 3.0), ("01006", "01006", 1.0), ("01005", "01005", 2.0),
        ("01009", "01010", 5.0), ("01007", "01009", 4.0),
    ],
    ["origin", "destination", "minutes"], orient="row",
)  # fmt: skip


def times(**how: Any) -> dict[tuple[str, str], float]:
    brought = bring_travel_times(TIMES, YEARS, **how)
    return {(o, d): m for o, d, m in brought.table.iter_rows()}


def test_times_of_the_commune_whose_code_is_kept() -> None:
    assert times() == {
        ("01006", "01009"): 12.0, ("01006", "01006"): 1.0,
        ("01009", "01010"): 5.0, ("01008", "01009"): 4.0,
    }  # fmt: skip
    notes = bring_travel_times(TIMES, YEARS).notes
    assert note(notes, "travel_times_inside").count == 1
    assert note(notes, "travel_times_replaced").count == 3


def test_shortest_and_mean_times() -> None:
    assert times(how="min") == {
        ("01006", "01009"): 9.0, ("01009", "01006"): 8.0, ("01006", "01006"): 1.0,
        ("01009", "01010"): 5.0, ("01008", "01009"): 4.0,
    }  # fmt: skip
    mean = times(how="mean")
    assert mean["01006", "01009"] == 10.5
    assert mean["01006", "01006"] == 1.5
    assert len(mean) == 5


def test_where_no_commune_keeps_the_code_the_shortest_time_counts() -> None:
    rows = events((32, "2024-01-01", "01005", "01900"), (32, "2024-01-01", "01006", "01900"))
    brought = bring_travel_times(TIMES, passage(rows, 2023, 2024)).table
    assert brought.filter(origin="01900", destination="01009")["minutes"].to_list() == [9.0]


def test_parts_of_a_split_commune_have_its_times_but_none_between_them() -> None:
    given_ = pl.DataFrame(
        {"origin": ["01001", "01009"], "destination": ["01001", "01001"], "minutes": [0.0, 7.0]}
    )
    brought = bring_travel_times(given_, YEARS)
    assert sorted(brought.table.rows()) == [
        ("01001", "01001", 0.0), ("01002", "01002", 0.0),
        ("01009", "01001", 7.0), ("01009", "01002", 7.0),
    ]  # fmt: skip
    told = note(brought.notes, "travel_times_split")
    assert (told.examples, told.warning) == (("01001",), True)


def test_published_apl_of_merged_communes_is_their_weighted_mean() -> None:
    given_ = pl.DataFrame(
        [("01005", 50.0, 10, 30.0), ("01006", 100.0, 20, 10.0), ("01001", 7.0, 40, 44.0),
         ("01007", None, 0, 0.0), ("01009", 1.0, 1, 1.0)],
        {"commune": pl.String, "apl": pl.Float64, "population": pl.Int64,
         "standardised_population": pl.Float64}, orient="row",
    )  # fmt: skip
    brought = bring_apl(given_, YEARS, weights=WEIGHTS)
    assert brought.table.sort("commune").rows() == [
        ("01001", 7.0, 30.0, 33.0), ("01002", 7.0, 10.0, 11.0), ("01006", 62.5, 30.0, 40.0),
        ("01008", None, 0.0, 0.0), ("01009", 1.0, 1.0, 1.0),
    ]  # fmt: skip


def test_a_commune_without_apl_does_not_weigh() -> None:
    given_ = pl.DataFrame(
        {"commune": ["01005", "01006"], "apl": [None, 100.0], "population": [1, 2],
         "standardised_population": [3.0, 4.0]}
    )  # fmt: skip
    assert bring_apl(given_, YEARS).table.rows() == [("01006", 100.0, 3.0, 7.0)]
    nobody = given_.with_columns(standardised_population=pl.lit(0.0))
    assert bring_apl(nobody, YEARS).table.rows() == [("01006", None, 3.0, 0.0)]


def test_communes_that_come_to_another_departement_come_to_its_region() -> None:
    rows = events((41, "2018-01-01", "49144", "44225", "Freigné", "Freigné"))
    communes = pl.DataFrame(
        [("49144", "Freigné", "49", "52", "t"), ("44180", "Vallons", "44", "53", "44180")],
        ["commune", "name", "departement", "region", "territory"], orient="row",
    ).with_columns(territory_name=pl.col("territory"))  # fmt: skip
    brought = bring_communes(communes, passage(rows, 2017, 2018)).table.sort("commune")
    assert brought["commune"].to_list() == ["44180", "44225"]
    assert brought.row(1) == ("44225", "Freigné", "44", "53", "t", "t")
    bare = bring_communes(communes.drop("departement"), passage(rows, 2017, 2018)).table
    assert bare.filter(commune="44225")["region"].to_list() == ["53"]
