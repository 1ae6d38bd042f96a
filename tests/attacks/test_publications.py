"""Publications withstand attacks that were written from the promise of docs/secrecy.md alone.

A small draw in every run. `APL_ENGINE_ATTACKS=3` runs the campaign with three countries of each
kind and the sample of Pays de la Loire, and writes the table of docs/secrecy.md to the folder that
`APL_ENGINE_ATTACKS_TABLE` names.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.attacked_worlds import MADE, beginners, small, year_later
from support.attackers import (
    Attacker,
    Bound,
    Figures,
    System,
    disclosed,
    figures_of,
    lattice,
    two_years,
)
from support.command import apl
from support.tables import SAMPLES, World, frames, write_csv

CAMPAIGN = int(os.environ.get("APL_ENGINE_ATTACKS", "0"))
_TABLE = os.environ.get("APL_ENGINE_ATTACKS_TABLE")
campaign = pytest.mark.skipif(not CAMPAIGN, reason="APL_ENGINE_ATTACKS is not set")
_ALL = [(name, seed) for name in MADE for seed in range(CAMPAIGN)]


@dataclass(frozen=True)
class Attacked:
    """A country, its exact result and what was published of it."""

    folder: Path
    attacker: Attacker
    pub: Figures

    @property
    def record(self) -> dict[str, Any]:
        """The record of the publication."""
        return dict(json.loads((self.folder / "pub/record.json").read_text("utf-8")))

    def broken(self, bounds: Sequence[Bound], *others: Attacked) -> list[Bound]:
        """Return the groups disclosed that the publications do not list as exceptions."""
        assert all(bound.holds_truth for bound in bounds)
        listed = {
            code for one in (self, *others) for code in one.record["publication"]["unprotected"]
        }
        home = dict(self.attacker.exact.communes.select("commune", "territory").rows())

        def excepted(bound: Bound) -> bool:
            code = bound.group.name.split()[1]
            return home.get(code, code) in listed

        return [bound for bound in disclosed(bounds) if not excepted(bound)]


def _publish(world: World, folder: Path, *options: object) -> Attacked:
    """Run the command on a country and publish the result."""
    write_csv(world, folder / "in")
    run = apl("run", folder / "in", "-o", folder / "out", "-q", "--replace")
    assert run.returncode == 0, run.stderr
    _publish_again(folder, "pub", *options)
    attacker = Attacker(frames(world), folder / "out", least=True)
    return Attacked(folder, attacker, figures_of(folder / "pub"))


def _publish_again(folder: Path, name: str, *options: object) -> None:
    done = apl("publish", folder / "out", "-o", folder / name, "-q", "--replace", *options)
    assert done.returncode == 0, done.stderr


def _bounds(system: System, attacked: Attacked, fewer_than: int = 5) -> list[Bound]:
    attacker = attacked.attacker
    if system.matrix.shape[1] == len(attacker.truth):
        assert system.holds(attacker.truth)
    return [system.closest(group) for group in attacker.groups(fewer_than)]


# --- by sums ---------------------------------------------------------------------------------


def _three_ways(attacked: Attacked) -> tuple[int, int, int]:
    """Count the groups disclosed by exact figures, by rounded ones, by the publication."""
    attacker = attacked.attacker
    exact, *others = (attacker.system(way) for way in _ways(attacked))
    told = [exact.closest(group, enough=float("inf")) for group in attacker.groups(5)]
    assert all(bound.holds_truth for bound in told)
    # Of a region, no more than a neighbourhood is solved.
    assert len(disclosed(told)) > 0.9 * len(told)
    rounded, published = (_bounds(system, attacked) for system in others)
    assert not attacked.broken(published)
    return len(disclosed(told)), len(disclosed(rounded)), 0


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    return _publish(small(4), tmp_path_factory.mktemp("few"))


@pytest.mark.heavy
def test_sums_of_all_figures_disclose_nobody(few: Attacked) -> None:
    exact, rounded, _ = _three_ways(few)
    assert exact > rounded > 0


def test_whole_numbers_and_the_order_of_territories_disclose_nobody(few: Attacked) -> None:
    attacker = few.attacker
    system = attacker.system(few.pub).of_whole_acts(attacker.median)
    system = attacker.knowing_order(system, few.pub)
    groups = attacker.groups(5)[:3]
    assert not few.broken([system.bound(group) for group in groups])


def test_lattices_recover_acts_from_exact_figures_and_none_from_rounded_ones(few: Attacked) -> None:
    attacker = few.attacker
    assert set(lattice(attacker, attacker.exact))
    assert not set(lattice(attacker, few.pub))


@campaign
@pytest.mark.slow
@pytest.mark.parametrize(("name", "seed"), _ALL)
def test_campaign_by_sums(name: str, seed: int, tmp_path: Path, table: Table) -> None:
    attacked = _publish(MADE[name](seed), tmp_path)
    table.add("linear", name, len(attacked.attacker.groups(5)), *_three_ways(attacked))
    known = len(attacked.attacker.groups(5))
    attacker = attacked.attacker
    found = [len(set(lattice(attacker, way))) for way in _ways(attacked)]
    assert not found[-1]
    table.add("lattice (acts recovered)", name, known, *found)


def _ways(attacked: Attacked) -> tuple[Figures, Figures, Figures]:
    exact = attacked.attacker.exact
    return exact, exact.rounded_only(attacked.pub), attacked.pub


@campaign
@pytest.mark.slow
@pytest.mark.parametrize(("name", "seed"), _ALL)
def test_campaign_of_whole_numbers(name: str, seed: int, tmp_path: Path, table: Table) -> None:
    attacked = _publish(MADE[name](seed), tmp_path)
    attacker = attacked.attacker
    groups = random.Random(seed).sample(attacker.groups(5), 6)
    found = []
    for way in _ways(attacked)[1:]:
        system = attacker.knowing_counts(
            attacker.system(way), attacked.record["counts"]["practitioners"]
        )
        system = attacker.knowing_order(system.of_whole_acts(attacker.median), way)
        found.append([system.bound(group) for group in groups])
    assert not attacked.broken(found[-1])
    table.add("whole acts, order, counts (MILP)", name, 6, None, len(disclosed(found[0])), 0)


# --- by what else a publication holds ----------------------------------------------------------


def test_national_counts_disclose_nobody(tmp_path: Path) -> None:
    attacked = _publish(beginners(1), tmp_path)
    attacker = attacked.attacker
    exact = json.loads((tmp_path / "out/record.json").read_text("utf-8"))
    group = next(group for group in attacker.groups(5) if group.name == "commune 52005")

    def inferred(record: dict[str, Any]) -> list[Bound]:
        counts = record["counts"]["practitioners"]
        return [attacker.knowing_counts(attacker.system(attacked.pub), counts).bound(group)]

    assert disclosed(inferred(exact))
    assert not attacked.broken(inferred(attacked.record))


def _documents(folder: Path, places: Sequence[str]) -> dict[str, bytes]:
    """Return all that whoever has the publication can make of it."""
    found = {path.name: path.read_bytes() for path in (folder / "pub").iterdir()}
    for place in places:
        for more in (("--json",), ("--markdown", "--lang", "fr")):
            done = apl("explain", "pub", place, *more, cwd=folder)
            assert done.returncode == 0, done.stderr
            found[" ".join((place, *more))] = done.stdout.encode()
    # Documents of an office take a second to load.
    for name, *command in (
        ()
        if not CAMPAIGN
        else (
            (
                "annex",
                "region",
                "annex",
                "pub",
                "--region",
                "52",
                "--no-map",
                "--date",
                "2024-11-20",
            ),
            ("figures", "report", "figures", "pub"),
        )
    ):
        done = apl(*command, "-o", name, "-q", cwd=folder)
        assert done.returncode == 0, done.stderr
        found |= {f"{name}/{p.name}": p.read_bytes() for p in (folder / name).iterdir()}
    return found


@pytest.mark.heavy
def test_what_no_figure_shows_changes_no_byte(few: Attacked, tmp_path: Path) -> None:
    world, median = small(4), few.attacker.reference["median_acts"]
    for row in world["practitioners"]:
        # Not the median, nor near the fees below which nobody counts.
        row["acts"] -= 600 < row["acts"] < median - 200
    twin = _publish(world, tmp_path)
    exact = (few.attacker.exact.communes, twin.attacker.exact.communes)
    assert exact[0]["etp"].to_list() != exact[1]["etp"].to_list()
    places = [str(few.attacker.codes[0])]
    one, two = (_documents(folder, places) for folder in (few.folder, tmp_path))
    assert [name for name in one | two if one.get(name) != two.get(name)] == []


# --- by several releases and by colleagues -------------------------------------------------------


@campaign
@pytest.mark.slow
@pytest.mark.parametrize(("name", "seed"), _ALL)
def test_campaign_of_two_years(name: str, seed: int, tmp_path: Path, table: Table) -> None:
    world = MADE[name](seed)
    before = _publish(world, tmp_path / "before")
    # In every other country, those who stay do just what they did.
    later = year_later(world, seed, 0.05 * (seed % 2))
    earlier = ("--earlier", tmp_path / "before/out", tmp_path / "before/pub")
    found = []
    for options in ((), earlier):
        after = _publish(later, tmp_path / "after", *options)
        joint = two_years((before.attacker, before.pub), (after.attacker, after.pub))
        assert joint.system.holds(joint.truth)
        bounds = [joint.system.closest(group) for group in joint.groups]
        found.append(len(after.broken(bounds, before)))
    table.add("two years (rounding: without --earlier)", name, len(bounds), None, *found)
    assert not found[-1]


@campaign
@pytest.mark.slow
@pytest.mark.parametrize(("name", "seed"), _ALL)
def test_campaign_of_two_steps(name: str, seed: int, tmp_path: Path, table: Table) -> None:
    first = _publish(MADE[name](seed), tmp_path)
    attacker, found = first.attacker, []
    steps = ("--step", 3, "--territory-step", 1.7, "--etp-step", 0.7)
    for options in ((), ("--earlier", tmp_path / "out", tmp_path / "pub")):
        _publish_again(tmp_path, "pub2", *steps, *options)
        other = attacker.system(figures_of(tmp_path / "pub2"))
        both = attacker.system(first.pub).with_rows(other.matrix, other.low, other.high)
        listed = json.loads((tmp_path / "pub2/record.json").read_text("utf-8"))["publication"]
        broken = [
            bound
            for bound in first.broken(_bounds(both, first))
            if _home(first, bound) not in listed["unprotected"]
        ]
        found.append(len(broken))
    table.add(
        "two steps (rounding: without --earlier)", name, len(attacker.groups(5)), None, *found
    )
    assert not found[-1]


def _home(attacked: Attacked, bound: Bound) -> str:
    code = bound.group.name.split()[1]
    return str(
        dict(attacked.attacker.exact.communes.select("commune", "territory").rows()).get(code, code)
    )


@campaign
@pytest.mark.slow
@pytest.mark.parametrize(("name", "seed"), [(name, 0) for name in MADE])
def test_campaign_of_colleagues(name: str, seed: int, tmp_path: Path, table: Table) -> None:
    found = []
    for options in ((), ("--attacker", "colleague")):
        attacked = _publish(MADE[name](seed), tmp_path, *options)
        attacker, pairs = attacked.attacker, []
        system = attacker.system(attacked.pub)
        for group in attacker.groups(5):
            for column in system.near(group.columns, 40)[1].tolist():
                if attacker.headcount[column] == 1 and column not in group.columns:
                    knowing = system.knowing(column, float(attacker.truth[column]))
                    pairs.append(knowing.bound(group, most=60))
        found.append(len(attacked.broken(pairs)))
    table.add("colleague (rounding: without the option)", name, len(pairs), None, *found)
    assert not found[-1]


# --- on the sample -------------------------------------------------------------------------------


@campaign
@pytest.mark.slow
def test_campaign_on_a_region(tmp_path: Path, table: Table) -> None:
    sample = SAMPLES / "pays-de-la-loire"
    assert apl("run", sample, "-o", tmp_path / "out", "-q").returncode == 0
    _publish_again(tmp_path, "pub")
    tables = {path.stem: pl.read_parquet(path) for path in sample.glob("*.parquet")}
    # Some practise in several communes.
    attacker = Attacker(tables, tmp_path / "out", least=False)
    attacked = Attacked(tmp_path, attacker, figures_of(tmp_path / "pub"))
    table.add("linear", "Pays de la Loire", len(attacker.groups(5)), *_three_ways(attacked))
    found = [len(set(lattice(attacker, way))) for way in _ways(attacked)]
    assert not found[-1]
    table.add("lattice (acts recovered)", "Pays de la Loire", len(attacker.groups(5)), *found)


class Table:
    """Figures of the campaign: groups, and how many each attack discloses."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], list[int | None]] = {}

    def add(self, attack: str, world: str, *figures: int | None) -> None:
        """Add the figures of one country to those of its kind."""
        known = self.rows.setdefault((attack, world), [0] * len(figures))
        self.rows[attack, world] = [
            None if a is None or b is None else a + b for a, b in zip(known, figures, strict=True)
        ]

    def __str__(self) -> str:
        lines = [
            "| attack | country | groups | exact | rounded alone | published |",
            "|---" * 6 + "|",
        ]
        for (attack, world), figures in sorted(self.rows.items()):
            cells = ("" if n is None else str(n) for n in figures)
            lines.append(f"| {attack} | {world} | {' | '.join(cells)} |")
        return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def table() -> Iterator[Table]:
    made = Table()
    yield made
    if _TABLE:
        Path(_TABLE).mkdir(parents=True, exist_ok=True)
        (Path(_TABLE) / f"attacks-{os.getpid()}.md").write_text(str(made), encoding="utf-8")
