"""A command that is killed leaves the old output or the new one, whole, or what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from support.activity_files import PEOPLE, write, year_of_services
from support.annexes import national
from support.compared import country
from support.kills import (
    STRACE,
    CannotTraceError,
    Server,
    content_of,
    hidden_in,
    kills_of,
    server,
    shown,
)
from support.two_results import write_two_results

from apl_engine import write_result
from apl_engine.inputs.half_written import half_written

pytestmark = pytest.mark.skipif(STRACE is None, reason="strace is not installed")


@dataclass(frozen=True)
class Case:
    """A command that writes to ``to/OUT``.

    `first` and `second` differ in what they write; the second replaces what the first wrote.
    """

    first: str
    second: str
    out: str = "out"
    exchange: bool = True
    fresh: bool = False


def _same(command: str, one: str, other: str, out: str = "out", **more: bool) -> Case:
    return Case(command.replace("@", one), command.replace("@", other), out, **more)


_RUN = "run @ -o to/out --replace"
_IMPORT = "import activity @.parquet --register register.parquet -o to/out --replace"
_MESH = "mesh @/communes.csv -o to/mesh.parquet --csv french --xlsx --replace"
CASES = {
    "run": _same(_RUN, "in-a", "in-b"),
    "run, new": _same(_RUN, "in-a", "in-b", fresh=True),
    "run, no exchange": _same(_RUN, "in-a", "in-b", exchange=False),
    "import activity": _same(_IMPORT, "services-a", "services-b"),
    "import activity, new": _same(_IMPORT, "services-a", "services-b", fresh=True),
    "import activity, CSV for Parquet": Case(
        _IMPORT.replace("@", "services-a"), _IMPORT.replace("@", "services-b") + " --csv plain"
    ),
    "import zoning": _same("import zoning @.csv -o to/out --vintage 2024 --replace", "za", "zb"),
    "sweep": _same("sweep @ -m mk-2024 -m mk-2018 -o to/out --replace", "in-a", "in-b"),
    "scenarios": _same("scenarios in-a @.csv -o to/out --replace", "plan-a", "plan-b"),
    "compare": Case(
        "compare a b --methods-differ -o to/out --replace",
        "compare b a --methods-differ -o to/out --replace",
    ),
    "compare, no exchange": Case(
        "compare a b --methods-differ -o to/out --replace",
        "compare b a --methods-differ -o to/out --replace",
        exchange=False,
    ),
    "publish": _same(
        "publish a -o to/out --min-practitioners 2 --step @ --replace", "5", "10"
    ),
    "figures": Case(
        "report figures national -o to/out --replace",
        "report figures national --before national -o to/out --replace",
    ),
    "annex": _same(
        "region annex national --region 52 --no-map --date @ -o to/out --replace",
        "2024-11-20", "2025-01-02",
    ),
    "proposals": _same("region propose national --all @ -o to/out --replace", "", "--remove"),
    "proposal": _same(
        "region propose national --region 52 @ -o to/out.toml --replace", "", "--remove", "out.toml"
    ),
    "travel-times": _same(
        "travel-times estimate @.csv -o to/out --replace", "points-a", "points-b"
    ),
    "mesh": _same(_MESH, "in-a", "in-b", "."),
    "network": _same("network build @ -o to/n.aplnet --replace", "in-a", "in-c", "n.aplnet"),
    "zone": _same("zone @/communes.csv --mesh in-a/communes.csv -o to/out --replace", "a", "b"),
    "margins": _same("margins @ -o to/out.csv --xlsx --replace", "a", "b", "."),
    "import distancier": _same(
        "import distancier @/travel_times.csv -o to/out --replace", "in-a", "in-c"
    ),
    "demo": _same(
        "demo --sample pays-de-la-loire -m @ -o to/out --replace", "mk-2024", "mk-2018"
    ),
}  # fmt: skip
# One name changed by an exchange, several by a journal.
_ALWAYS = ("figures",)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that the commands read."""
    folder = write_two_results(tmp_path_factory.mktemp("world"))
    shutil.copytree(folder / "in-a", folder / "in-c")
    times = pl.read_csv(folder / "in-c" / "travel_times.csv")
    times.with_columns(pl.col("minutes") / 2).write_csv(folder / "in-c" / "travel_times.csv")
    write(folder / "services-a.parquet", year_of_services())
    write(folder / "services-b.parquet", year_of_services(300))
    write(folder / "register.parquet", PEOPLE)
    for name, zone in (("za", "SD"), ("zb", "NP")):
        rows = ["Code;Libellé;Zonage", *(f"0200{k};B;{zone}" for k in range(1, 10))]
        (folder / f"{name}.csv").write_text("\n".join(rows))
    codes = [row["commune"] for row in country()["communes"]]
    for name, step in (("a", 0.1), ("b", 0.2)):
        table = pl.DataFrame({"commune": codes, "one": step})
        table.write_csv(folder / f"plan-{name}.csv")
        lat = [46 + step * k for k in range(len(codes))]
        pl.DataFrame({"commune": codes, "lat": lat, "lon": 3.0}).write_csv(
            folder / f"points-{name}.csv"
        )
    write_result(national(), folder / "national")
    return folder


@pytest.fixture(scope="module")
def commands() -> Iterator[Server]:
    with server() as running:
        yield running


def _killed_everywhere(case: Case, world: Path, commands: Server) -> list[tuple[str, str]]:
    """Return what is left after a kill at each call: the call, and old, new or refused."""
    to, first, second = world / "to", case.first.split(), case.second.split()
    target = to / case.out

    def run(arguments: list[str]) -> None:
        commands.run(world, arguments, exchange=case.exchange)

    shutil.rmtree(to, ignore_errors=True)
    to.mkdir()
    earlier = world / "earlier"
    shutil.rmtree(earlier, ignore_errors=True)
    if not case.fresh:
        run(first)
    old = content_of(target)
    shutil.copytree(to, earlier)
    calls = commands.traced(world, second, exchange=case.exchange)
    kills = kills_of(calls)
    new = content_of(target)
    assert old != new
    assert hidden_in(to) == []
    left: list[tuple[str, str]] = []
    calls = [call for call in calls if "__pycache__" not in call]
    for call, kill in zip(calls, kills, strict=True):
        shutil.rmtree(to)
        shutil.copytree(earlier, to)
        commands.traced(world, second, exchange=case.exchange, kill=kill)
        content = content_of(target)
        if half_written(target):
            state = "refused"
        else:
            state = "old" if content == old else "new" if content == new else "mixed"
        left.append((shown(call), state))
        assert state != "mixed", left
        # The next command that writes leaves its output, and nothing of the killed one.
        run(second)
        assert content_of(target) == new, left
        assert hidden_in(to) == [], left
    return left


@pytest.mark.heavy
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in _ALWAYS else [pytest.mark.slow, pytest.mark.nightly])
        for name in CASES
    ],
)
def test_a_kill_at_any_change_of_a_name(
    name: str, world: Path, commands: Server, record_property: Callable[[str, object], None]
) -> None:
    try:
        left = _killed_everywhere(CASES[name], world, commands)
    except CannotTraceError as why:
        pytest.skip(f"strace cannot trace here: {why}")
    record_property("kills", left)
    states = [state for _, state in left]
    assert "new" in states
    # One name is changed in one step; several only by way of a journal.
    one_step = name in ONE_STEP
    assert ("refused" in states) == (not one_step)


ONE_STEP = {
    "run", "run, new", "scenarios", "compare", "publish", "figures", "annex", "proposals",
    "proposal", "network", "zone", "demo",
}  # fmt: skip
