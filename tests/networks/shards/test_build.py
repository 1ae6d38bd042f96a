"""A network in parts is the network of one file, with the same faults, notes and results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from support.faults import fault_of, faults_of
from support.networks import check_same_bits, check_same_sums
from support.tables import SAMPLES, frames, methodology, small_world, write_csv, write_imported

from apl_engine import Fault, InputDataError, MethodologyError, TravelNetwork, load_network, run
from apl_engine.networks import prepare_network, reading
from apl_engine.networks.shards import build_shards, collect
from apl_engine.networks.shards.limits import Limits
from apl_engine.results.atomic_folder import whole_folder

REGION = SAMPLES / "pays-de-la-loire"
MEMORY = "2GiB"


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make several pieces and parts of a small table."""
    monkeypatch.setattr(Limits, "MOST", 12_000)
    monkeypatch.setattr(reading, "ROWS", 7_000)
    monkeypatch.setattr(collect, "COMMITTED", 10_000)


def times_of_region() -> pl.DataFrame:
    return pl.read_parquet(REGION / "travel_times.parquet")


def write_places(path: Path) -> Path:
    """Write coordinates of the communes of the region, along a line of their codes but for some."""
    communes = pl.read_parquet(REGION / "communes.parquet")["commune"]
    rng = np.random.default_rng(0)
    n = len(communes)
    table = {"commune": communes, "lat": rng.uniform(46, 48, n), "lon": rng.uniform(-2, 1, n)}
    pl.DataFrame(table)[:-3].write_csv(path)
    return path


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("places", [False, True])
def test_it_is_the_network_of_one_file(tmp_path: Path, places: bool, threads: int) -> None:
    whole = prepare_network(REGION, reach=40)
    coordinates = write_places(tmp_path / "places.csv") if places else None
    parts = build_shards(
        REGION, tmp_path / "n.aplnet", memory=MEMORY, reach=40, coordinates=coordinates,
        threads=threads,
    )  # fmt: skip
    last = [note for note in parts.notes if note.code == "network.without_coordinates"]
    assert [note.count for note in last] == ([3] if places else [])
    check_same_sums(parts, whole)
    assert [note for note in parts.notes if note not in last] == list(whole.notes)
    assert parts.source == whole.source
    for band in range(2 * len(whole.edges)):
        for one, other in zip(parts.pairs_of(band), whole.pairs_of(band), strict=True):
            assert (one.dtype, one.tobytes()) == (other.dtype, other.tobytes())
    parts.rows.verify()
    manifest = json.loads((tmp_path / "n.aplnet" / "network.json").read_bytes())
    assert all(len(parts) > 2 for parts in manifest["network"]["parts"].values())
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_results_are_the_same(tmp_path: Path) -> None:
    parts = build_shards(REGION, tmp_path / "n.aplnet", memory=MEMORY)
    one, other = run(REGION, network=parts), run(REGION)
    for table in ("communes", "territories", "regions", "ambiguous"):
        assert getattr(one, table).equals(getattr(other, table), null_equal=True)


def test_runs_are_kept_if_they_take_fewer_bytes(tmp_path: Path) -> None:
    """On a grid along its curve."""
    times, places = grid()
    places.write_csv(tmp_path / "places.csv")
    parts = build_shards(
        times, tmp_path / "n.aplnet", places, memory=MEMORY, coordinates=tmp_path / "places.csv"
    )
    assert parts.layout
    check_same_sums(parts, prepare_network(times, places))
    parts.rows.verify()
    for way in ("by_origin", "by_destination"):
        joined, streamed = getattr(parts.layout, way), getattr(parts.ways(methodology()), way)
        words = np.arange(len(parts.communes))
        for one, two in zip(
            joined.add(joined.terms(words), 1), streamed.add(streamed.terms(words), 1), strict=True
        ):
            assert np.array_equal(one, two)


def grid(side: int = 40) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return travel times between squares of codes of their own, and the squares."""
    row, column = (each.ravel() for each in np.mgrid[:side, :side])
    codes = pl.Series([f"CRS3035RES200mN{r:07}E{c:07}" for r, c in zip(row, column, strict=True)])
    parts = []
    for down in range(-3, 4):
        for across in range(-3, 4):
            inside = (row + down >= 0) & (row + down < side) & (column + across >= 0)
            inside &= (column + across < side) & (down**2 + across**2 > 0)
            ends = (row + down) * side + column + across
            parts.append(
                pl.DataFrame(
                    {
                        "origin": codes.filter(pl.Series(inside)),
                        "destination": codes.gather(ends[inside]),
                        "minutes": pl.repeat(
                            5.0 * np.hypot(down, across), int(inside.sum()), eager=True
                        ),
                    }
                )
            )
    places = pl.DataFrame({"commune": codes, "lat": 46 + row / 500, "lon": 2 + column / 500})
    return pl.concat(parts), places.rename({"commune": "commune"})


def test_codes_of_any_kind(tmp_path: Path) -> None:
    times, places = grid(12)
    parts = build_shards(times, tmp_path / "n.aplnet", places, memory=MEMORY)
    assert parts.communes.to_list() == sorted(places["commune"].to_list())
    check_same_sums(parts, prepare_network(times, places))
    assert "network.missing_communes" in {
        fault.code for fault in faults_of(lambda: run(REGION, network=parts))
    }
    foreign = times.with_columns(origin=pl.lit("CRS3035RES200mN9999999E9999999"))
    codes = {f.code for f in faults_of(lambda: built(foreign, tmp_path, places))}
    assert codes == {"travel_times.unknown_communes"}


def built(times: Any, folder: Path, communes: Any = None, **options: Any) -> TravelNetwork:
    return build_shards(times, folder / "built.aplnet", communes, memory=MEMORY, **options)


@pytest.mark.parametrize("code", ["", " 01001", "01\n001", "a\u200bb", "a\tb"])
def test_codes_that_cannot_be_printed(tmp_path: Path, code: str) -> None:
    times = frames(small_world())["travel_times"]
    communes = pl.DataFrame({"commune": ["01001", code]})
    for action in (lambda: built(times, tmp_path, communes),
                   lambda: prepare_network(times, communes)):  # fmt: skip
        fault = fault_of(action)
        assert (fault.code, fault.count) == ("communes.unprintable_code", 1)
        assert str(fault)


def as_files(folder: Path, kind: str) -> Path | str:
    """Write the travel times of the region as several files."""
    times = times_of_region()
    for k in range(3):
        sub = folder / "times" / (f"year={k}" if kind == "hive" else "")
        sub.mkdir(parents=True, exist_ok=True)
        part = times[k::3]
        if kind == "csv":
            part.write_csv(sub / f"part-{k}.csv")
        else:
            part.write_parquet(sub / f"part-{k}.parquet", row_group_size=1000)
    (folder / "times" / "_SUCCESS").touch()
    if kind == "address":
        return (folder / "times").as_uri()
    return folder / "times" / "*.parquet" if kind == "pattern" else folder / "times"


@pytest.mark.parametrize("kind", ["folder", "hive", "pattern", "csv", "address"])
def test_data_sets(tmp_path: Path, kind: str) -> None:
    if kind == "address":
        pytest.importorskip("fsspec")
    given = as_files(tmp_path, kind)
    communes = REGION / "communes.parquet"
    parts = built(given, tmp_path, communes)
    check_same_sums(parts, prepare_network(REGION))
    names = [entry["file"] for entry in parts.source["files"]]
    prefix = "year=0/" if kind == "hive" else ""
    assert names[0] == f"{prefix}part-0.{'csv' if kind == 'csv' else 'parquet'}"
    if kind != "address":
        whole = prepare_network(given, communes)
        check_same_sums(parts, whole)
        assert whole.source == parts.source


def test_a_pattern_of_an_address(tmp_path: Path) -> None:
    files = pytest.importorskip("fsspec").filesystem("memory")
    times = times_of_region()
    for k in range(3):
        path = tmp_path / f"{k}.parquet"
        times[k::3].write_parquet(path)
        files.put_file(str(path), f"/bucket/times/y={k}/part.parquet")
    parts = built("memory://bucket/times/*/part.parquet", tmp_path, REGION / "communes.parquet")
    assert [entry["file"] for entry in parts.source["files"]] == [
        f"y={k}/part.parquet" for k in range(3)
    ]
    check_same_sums(parts, prepare_network(REGION))


def test_addresses_that_cannot_be_read(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    for address in ("memory://no/such", "nosuch://user:secret@host/x?key=secret", "file:///no/x"):
        fault = fault_of(lambda address=address: built(address, tmp_path))
        assert fault.code == "network.address_unreadable"
        assert "secret" not in str(fault)


@pytest.mark.parametrize("minutes", [5, 30])
@pytest.mark.parametrize("same_commune", ["where_absent", "always"])
def test_times_to_oneself(tmp_path: Path, same_commune: str, minutes: int) -> None:
    rules = methodology(
        travel_same_commune=same_commune, travel_same_commune_minutes=Fraction(minutes)
    )
    world = small_world()
    for code, own in (("01001", 4.0), ("2A004", 99.0)):
        world["travel_times"].append({"origin": code, "destination": code, "minutes": own})
    given = frames(world)
    parts = built(given["travel_times"], tmp_path, given["communes"], methodology=rules)
    whole = prepare_network(given["travel_times"], given["communes"], rules)
    check_same_bits(parts, whole)


def test_islands_are_named(tmp_path: Path) -> None:
    times = {"origin": ["56087", "56106", "56106"], "destination": ["56106", "56106", "56008"],
             "minutes": [12.0, 0.0, 8.0]}  # fmt: skip
    parts = built(pl.DataFrame(times), tmp_path)
    check_same_bits(parts, prepare_network(pl.DataFrame(times)))
    assert "travel_times.islands_by_road" in {note.code for note in parts.notes}


def test_its_source_and_vintage_are_recorded(tmp_path: Path) -> None:
    folder = write_imported(tmp_path / "in", travel_times=2023, population=2021)
    parts = built(folder, tmp_path)
    assert parts.source == prepare_network(folder).source
    assert parts.source["vintage"] == 2023
    fault = fault_of(lambda: built(folder, tmp_path, vintage=2022, replace=True))
    assert fault.code == "network.vintage_mismatch"


def doubtful() -> Iterator[pl.DataFrame]:
    """Yield travel times in which something is wrong, or in doubt."""
    times = frames(small_world())["travel_times"]
    minutes, row = pl.col("minutes"), pl.int_range(pl.len())
    yield times.with_columns(minutes=pl.when(row == 0).then(-1.0).otherwise(minutes))
    yield times.with_columns(
        minutes=pl.when(row == 0).then(-1.0).when(row == 2).then(-2.0).otherwise(minutes),
        destination=pl.when(row == 1).then(pl.lit("99999")).otherwise("destination"),
    )
    yield times.with_columns(origin=pl.when(row == 0).then(pl.lit("Lyon")).otherwise("origin"))
    yield times.with_columns(minutes=minutes + 1200)
    yield times.with_columns(minutes=pl.lit(0.0))
    yield times.drop("minutes")
    yield times.clear()
    yield pl.concat([times, times[:1].with_columns(minutes=pl.lit(11.0))])
    # No fault.
    yield pl.concat([times, times[:2]])
    yield times.with_columns(minutes=pl.when(row == 0).then(None).otherwise(minutes))
    yield times.with_columns(
        origin=pl.when(row == 1).then(pl.lit("1001")).otherwise("origin"),
        minutes=pl.when(row == 3).then(99.0).otherwise(minutes),
    )
    yield times.with_columns(minutes=minutes * 60)


@pytest.mark.parametrize("number", range(12))
def test_faults_and_notes_are_the_same(tmp_path: Path, number: int) -> None:
    times = list(doubtful())[number]
    communes = frames(small_world())["communes"]
    expected: list[Fault] = []
    try:
        whole = prepare_network(times, communes)
    except InputDataError as error:
        expected = list(error.faults)
    if not expected:
        check_same_bits(built(times, tmp_path, communes), whole)
        return
    faults = faults_of(lambda: built(times, tmp_path, communes))
    assert [(f.code, f.table, f.column, f.count, f.rows, f.values) for f in faults] == [
        (f.code, f.table, f.column, f.count, f.rows, f.values) for f in expected
    ]
    assert list(tmp_path.iterdir()) == [], "something is left of the build"


def test_faults_of_a_data_set_name_the_file(tmp_path: Path) -> None:
    times = times_of_region()
    (tmp_path / "times").mkdir()
    for k in range(3):
        part = times[k::3]
        if k:
            part = part.with_columns(minutes=pl.col("minutes") - 5)
        part.write_parquet(tmp_path / "times" / f"{k}.parquet")
    faults = faults_of(lambda: built(tmp_path / "times", tmp_path, REGION / "communes.parquet"))
    assert [(f.code, f.table) for f in faults] == [
        ("travel_times.negative_value", f"{k}.parquet") for k in (1, 2)
    ]


def test_rules_that_combine_both_ways_are_refused(tmp_path: Path) -> None:
    rules = methodology(travel_two_way_pairs="min")
    fault = fault_of(lambda: built(REGION, tmp_path, methodology=rules), MethodologyError)
    assert (fault.code, fault.key) == ("network.both_ways_in_parts", "travel")


@pytest.mark.parametrize("memory", ["much", "-1GiB", "1 parsec"])
def test_memory_that_is_no_number_of_bytes(tmp_path: Path, memory: str) -> None:
    fault = fault_of(lambda: build_shards(REGION, tmp_path / "n.aplnet", memory=memory))
    assert (fault.code, fault.details) == ("argument.not_bytes", {"given": memory})


def test_too_little_memory_is_refused_with_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = fault_of(lambda: build_shards(REGION, tmp_path / "n.aplnet", memory="100MiB"))
    assert fault.code == "network.too_little_memory"
    least = f"{fault.details['least']}MiB"
    assert build_shards(REGION, tmp_path / "n.aplnet", memory=least).pairs == 27_613
    monkeypatch.setattr(Limits, "MOST", 1000)
    fault = fault_of(lambda: built(REGION, tmp_path))
    assert fault.code == "network.too_little_memory"


def test_coordinates_of_other_places(tmp_path: Path) -> None:
    pl.DataFrame({"commune": ["x"], "lat": [1.0], "lon": [1.0]}).write_csv(tmp_path / "p.csv")
    fault = fault_of(lambda: built(REGION, tmp_path, coordinates=tmp_path / "p.csv"))
    assert (fault.code, fault.table) == ("network.no_coordinates", "p.csv")


def test_paths_that_are_refused(tmp_path: Path) -> None:
    from apl_engine import OutputError

    folder = tmp_path / "n.aplnet"
    (tmp_path / "file.aplnet").touch()
    other = tmp_path / "other.aplnet"
    other.mkdir()
    (other / "mine.txt").touch()
    build_shards(REGION, folder, memory=MEMORY)
    before = sorted(path.name for path in folder.iterdir())
    for path, replaced, code in (
        (folder, False, "result_exists"),
        (tmp_path / "n.bin", False, "wrong_ending"),
        (tmp_path / "no" / "n.aplnet", False, "no_folder"),
        (tmp_path / "file.aplnet", True, "not_a_folder"),
        (other, True, "other_files"),
    ):
        action = lambda path=path, replaced=replaced: build_shards(  # noqa: E731
            REGION, path, memory=MEMORY, replace=replaced
        )
        assert fault_of(action, OutputError).code == f"output.{code}"
    with whole_folder(tmp_path / "busy.aplnet"):
        fault = fault_of(
            lambda: build_shards(REGION, tmp_path / "busy.aplnet", memory=MEMORY), OutputError
        )
        assert fault.code == "output.in_progress"
    assert sorted(path.name for path in folder.iterdir()) == before
    changed = build_shards(REGION, folder, memory=MEMORY, reach=30, replace=True)
    assert load_network(folder).edges[-1] == changed.edges[-1] == 30


def test_missing_tables(tmp_path: Path) -> None:
    assert fault_of(lambda: built(tmp_path, tmp_path)).code == "travel_times.missing_file"
    assert fault_of(lambda: built(tmp_path / "*.parquet", tmp_path)).code == (
        "travel_times.missing_file"
    )
    csv = write_csv(small_world(), tmp_path / "in")
    (csv / "travel_times.csv").unlink()
    assert fault_of(lambda: built(csv, tmp_path)).code == "travel_times.missing_file"


@pytest.mark.parametrize("table", [None, "communes.csv"])
def test_columns_that_are_named(tmp_path: Path, table: str | None) -> None:
    tables, named = frames(small_world()), {"minutes": "temps"}
    times = tables["travel_times"].rename({"minutes": "temps"})
    times.write_parquet(tmp_path / "times.parquet")
    communes = tables["communes"].select("commune")
    if table:
        communes = communes.with_columns(y=pl.int_range(pl.len()) + 46.0, lon=0.5)
        communes.write_csv(tmp_path / table)
        named["lat"] = "y"
    coordinates = tmp_path / table if table else None
    options: dict[str, Any] = {"columns": named, "coordinates": coordinates}
    assert built(tmp_path / "times.parquet", tmp_path, communes, **options).pairs


def test_columns_that_no_file_has(tmp_path: Path) -> None:
    tables = frames(small_world())
    times = as_files(tmp_path, "folder")
    named = {"minutes": "temps", "acts": "actes"}
    faults = faults_of(lambda: built(times, tmp_path, tables["communes"], columns=named))
    codes = {fault.code: fault.details["fields"] for fault in faults}
    absent, unknown = "source_file.no_such_column", "source_file.unknown_field"
    assert codes == {unknown: ("acts",), absent: ("minutes",)}


@pytest.mark.parametrize("damage", ["ragged", "quote", "pages"])
@pytest.mark.parametrize("in_parts", [False, True])
def test_files_that_turn_out_damaged(tmp_path: Path, damage: str, in_parts: bool) -> None:
    tables = frames(small_world())
    path = tmp_path / f"times.{'parquet' if damage == 'pages' else 'csv'}"
    if damage == "pages":
        times_of_region().write_parquet(path)
        content = bytearray(path.read_bytes())
        content[40:2000] = b"\xff" * 1960
        path.write_bytes(content)
    else:
        tables["travel_times"].write_csv(path)
        with path.open("a") as file:
            file.write({"ragged": "1,2,3,4\n", "quote": '01001,"01002'}[damage])
    communes = None if damage == "pages" else tables["communes"]
    fault = fault_of(
        lambda: built(path, tmp_path, communes) if in_parts else prepare_network(path, communes)
    )
    kinds = {"ragged": "ragged_rows", "quote": "stray_quote", "pages": "unreadable"}
    assert fault.code == f"travel_times.{kinds[damage]}"
    assert not [item for item in tmp_path.iterdir() if item != path]


def test_a_file_that_turns_out_in_another_encoding(tmp_path: Path) -> None:
    tables = frames(small_world())
    path, communes = tmp_path / "times.csv", tables["communes"]
    tables["travel_times"].write_csv(path)
    with path.open("ab") as file:
        file.write("Évron,01001,3\n".encode("latin-1"))
    for fault in (
        fault_of(lambda: prepare_network(path, communes)),
        fault_of(lambda: built(path, tmp_path, communes)),
    ):
        assert (fault.code, fault.values) == ("travel_times.not_a_commune_code", ("Évron",))


def test_a_path_that_is_none(tmp_path: Path) -> None:
    fault = fault_of(lambda: built(f"{tmp_path}/times\0.csv", tmp_path))
    assert fault.code == "travel_times.cannot_open"


def test_damaged_coordinates(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text(write_places(path).read_text() + "1,2,3,4\n")
    fault = fault_of(lambda: built(times_of_region(), tmp_path, coordinates=path))
    assert fault.code == "coordinates.ragged_rows"
