"""A prepared network on disk: the same figures, and nothing damaged or foreign is used."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.tables import SAMPLES, World, frames, methodology, small_world, write_csv

from apl_engine import (
    InputDataError,
    MethodologyError,
    OutputError,
    TravelNetwork,
    build_network,
    load_inputs,
    load_network,
    prepare_network,
    run,
    save_network,
)
from apl_engine.inputs.tables import stamp_of
from apl_engine.methodology.values import Step
from apl_engine.networks import file as network_file

REGION = SAMPLES / "pays-de-la-loire"
ROOT = Path(__file__).parents[2]


@cache
def small() -> TravelNetwork:
    world = frames(small_world())
    return prepare_network(world["travel_times"], world["communes"], vintage=2023)


def saved(network: TravelNetwork, folder: Path) -> Path:
    path = folder / "n.aplnet"
    save_network(network, path)
    return path


@cache
def content() -> bytes:
    head, parts = network_file.network_bytes(small())
    return head + b"".join(parts)


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(InputDataError) as caught:
        action()
    return str(caught.value)


def loaded(content: bytes, folder: Path) -> TravelNetwork:
    path = folder / "damaged.aplnet"
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    return load_network(path)


def inputs(folder: Path, change: Callable[[World], object] = lambda _: None) -> Path:
    """Write a small world without travel times."""
    world = small_world()
    change(world)
    write_csv(world, folder)
    (folder / "travel_times.csv").unlink()
    return folder


def same_bits(one: TravelNetwork, two: TravelNetwork) -> None:
    assert one.communes.equals(two.communes)
    assert one.edges.tobytes() == two.edges.tobytes()
    for rows in ("by_origin", "by_destination"):
        for array in ("pointers", "pairs"):
            a, b = (getattr(getattr(n, rows), array) for n in (one, two))
            assert (a.dtype, a.tobytes()) == (b.dtype, b.tobytes())
    for name in ("built_by", "notes", "source"):
        assert getattr(one, name) == getattr(two, name)


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_saved_is_what_is_loaded(tmp_path: Path, threads: int) -> None:
    network = prepare_network(REGION, vintage=2023, reach=40, threads=threads)
    path = saved(network, tmp_path)
    same_bits(load_network(path), network)
    same_bits(load_network(path), prepare_network(REGION, vintage=2023, reach=40))
    assert path.stat().st_mode & 0o777 == 0o644
    with pytest.raises(ValueError, match="read-only"):
        load_network(path).by_origin.pairs[0] = 1


@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_on_it_finds_the_same(tmp_path: Path, threads: int) -> None:
    path = saved(prepare_network(REGION, reach=60), tmp_path)
    without, by_file = run(REGION, threads=threads), run(REGION, network=path, threads=threads)
    for table in ("communes", "territories", "regions"):
        assert getattr(without, table).equals(getattr(by_file, table), null_equal=True)
    assert by_file.network["reach"] == 60
    assert "travel_times" not in by_file.counts["rows"]
    assert run(REGION, network=load_network(path, check=False)).communes.equals(by_file.communes)


def test_where_it_comes_from(tmp_path: Path) -> None:
    folder = write_csv(small_world(), tmp_path / "in")
    stamp = stamp_of(folder / "travel_times.csv")
    entry = {"file": stamp.name, "bytes": stamp.size, "sha256": stamp.sha256}
    assert prepare_network(folder).source == {"vintage": None, "files": [entry]}
    assert small().source == {"vintage": 2023, "files": []}


def imported(folder: Path, **years: int) -> Path:
    """Write a small world, and the years that its tables were imported as."""
    write_csv(small_world(), folder)
    entries = [
        {
            "vintage": year,
            "tables": [{"table": table, "sha256": stamp_of(folder / f"{table}.csv").sha256}],
        }
        for table, year in years.items()
    ]
    (folder / "imports.json").write_text(json.dumps({"imports": entries}))
    return folder


def test_the_vintage_is_that_of_the_import(tmp_path: Path) -> None:
    folder = imported(tmp_path / "in", travel_times=2023, population=2021)
    assert prepare_network(folder).source["vintage"] == 2023
    assert prepare_network(folder, vintage=2023).source["vintage"] == 2023
    words = refusal(lambda: prepare_network(folder, vintage=2022))
    assert "travel_times: its codes are of 2023 by imports.json, not of 2022" in words
    several = imported(tmp_path / "several", travel_times=2023, communes=2022)
    assert "tables are of several vintages" in refusal(lambda: prepare_network(several))
    (folder / "imports.json").write_text("{")
    assert "imports.json: cannot be read" in refusal(lambda: prepare_network(folder))


def test_communes_are_given_or_beside_or_those_of_the_pairs(tmp_path: Path) -> None:
    world = small_world()
    world["travel_times"] = [row for row in world["travel_times"] if "75101" not in row.values()]
    folder = write_csv(world, tmp_path / "in")
    assert len(prepare_network(folder / "travel_times.csv").communes) == 4
    (folder / "communes.csv").rename(tmp_path / "elsewhere.csv")
    assert len(prepare_network(folder, tmp_path / "elsewhere.csv").communes) == 4
    alone = prepare_network(folder)
    assert alone.communes.to_list() == ["01001", "01002", "2A004"]
    assert alone.notes[0].code == "communes_of_pairs"
    assert str(alone.notes[0]).startswith("3 communes are those of travel_times")


def test_all_faults_of_travel_times_at_once(tmp_path: Path) -> None:
    world = small_world()
    # Nothing but the codes of communes matters here.
    world["communes"][0]["region"] = "x"
    world["travel_times"][0]["minutes"] = -1.0
    world["travel_times"][1]["destination"] = "99999"
    words = refusal(lambda: prepare_network(write_csv(world, tmp_path / "in")))
    assert "2 faults" in words
    assert "travel_times, column 'minutes': negative values (1 row; row 1; value '-1.0')" in words
    assert "unknown communes, absent from the table communes (1 row; row 2; value '99999')" in words


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (["01001", None, "01002"], "communes, column 'commune': no value (1 row)"),
        (["01001", "01001"], "the same commune stands in several rows (1 row; value '01001')"),
    ],
)
def test_communes_that_are_none(codes: list[str | None], words: str) -> None:
    times = frames(small_world())["travel_times"]
    table = pl.DataFrame({"commune": codes})
    assert words in refusal(lambda: prepare_network(times, table))
    other = table.rename({"commune": "code"})
    words = refusal(lambda: prepare_network(times, other))
    assert "communes, column 'commune': the column is missing. It has code." in words


@pytest.mark.parametrize("rule", ["as_given", "both_ways"])
def test_streamed_or_whole_a_table_gives_what_a_run_builds(rule: str) -> None:
    rules = methodology(travel_one_way_pairs=rule)
    tables = load_inputs(REGION, rules)[1]
    built = build_network(tables.travel_times, tables.communes, rules, reach=30)
    prepared = prepare_network(REGION, methodology=rules, reach=30)
    assert prepared.by_origin.pairs.tobytes() == built.by_origin.pairs.tobytes()
    assert prepared.by_destination.pairs.tobytes() == built.by_destination.pairs.tobytes()
    assert prepared.notes == built.notes


def test_seconds_are_told_though_no_pair_is_left() -> None:
    times = frames(small_world())["travel_times"].with_columns(pl.col("minutes") * 60 + 1200)
    (note,) = [n for n in prepare_network(times).notes if n.code == "unit_of_minutes"]
    assert "are these seconds, not minutes?" in str(note)


def test_repeated_pairs_and_absent_tables(tmp_path: Path) -> None:
    world = small_world()
    world["travel_times"].append(world["travel_times"][0])
    for folder in (write_csv(world, tmp_path / "in"), frames(world)["travel_times"]):
        words = refusal(lambda given=folder: prepare_network(given))
        assert "the same origin and destination stands in several rows" in words
    assert "travel_times: the file is missing" in refusal(lambda: prepare_network(tmp_path))
    words = refusal(lambda: prepare_network(tmp_path / "no.csv", tmp_path / "not.csv"))
    assert "2 faults" in words
    assert "no.csv cannot be opened" in words
    assert "not.csv cannot be opened" in words


def test_files_that_are_none_of_ours(tmp_path: Path) -> None:
    absent = tmp_path / "no.aplnet"
    assert "no.aplnet: cannot be opened (No such file" in refusal(lambda: load_network(absent))
    assert "cannot be opened (Is a directory)" in refusal(lambda: load_network(tmp_path))
    assert "cannot be opened (it is empty)" in refusal(lambda: loaded(b"", tmp_path))
    assert "is no prepared network" in refusal(lambda: loaded(b"PAR1" * 99, tmp_path))


def test_another_format_is_told_with_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_file, "FORMAT", 2)
    path = saved(small(), tmp_path)
    monkeypatch.undo()
    words = refusal(lambda: load_network(path))
    assert "n.aplnet: is of format 2, written by version" in words
    assert "Build it again with `apl network build`." in words


def test_bytes_behind_its_end(tmp_path: Path) -> None:
    words = refusal(lambda: loaded(content() + b"xyz", tmp_path))
    assert "has 3 bytes behind its end. Copy it again, or build it again" in words


_each = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)


@_each
@given(st.data())
def test_cut_short_anywhere(tmp_path: Path, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(content()) - 1))
    words = refusal(lambda: loaded(content()[:cut], tmp_path))
    assert any(w in words for w in ("it is empty", "no prepared network", "damaged", "cut short"))


@_each
@given(st.data())
def test_any_byte_changed(tmp_path: Path, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(content()) - 1))
    changed = bytearray(content())
    changed[at] ^= data.draw(st.integers(1, 255))
    words = refusal(lambda: loaded(bytes(changed), tmp_path))
    assert "is damaged" in words or "is no prepared network" in words


def test_what_fills_the_head_up_is_checked_too(tmp_path: Path) -> None:
    """No digest covers it, and few draws of a position fall into it."""
    end = content().index(b"\n", len(b"APL network\n")) + 1
    for at in range(end, end + -end % 64):
        changed = bytearray(content())
        changed[at] = 1
        assert "its head is not what was" in refusal(lambda c=changed: loaded(bytes(c), tmp_path))
    assert end % 64, "the head of this network is full: take another vintage"


def test_other_communes_are_told_both_ways(tmp_path: Path) -> None:
    def rename(world: World) -> None:
        for rows in world.values():
            for row in rows:
                row.update({k: "01003" for k, v in row.items() if v == "01002"})

    words = refusal(lambda: run(inputs(tmp_path / "in", rename), network=small()))
    assert "network: 1 communes of the run that the network does not have (value '01003')" in words
    assert "network: 1 communes of the network that the run does not have (value '01002')" in words
    assert "(--communes)" in words


def test_communes_out_of_order(tmp_path: Path) -> None:
    turned = replace(small(), communes=small().communes.reverse())
    words = refusal(lambda: run(inputs(tmp_path / "in"), network=turned))
    assert "its communes are not in the order of their codes" in words


def test_a_vintage_that_contradicts_is_told_before_any_row_is_read(tmp_path: Path) -> None:
    folder = imported(tmp_path / "in", travel_times=2023)
    steps: list[str] = []
    words = refusal(lambda: prepare_network(folder, vintage=2022, on_step=steps.append))
    assert "not of 2022" in words
    assert steps == ["reading the codes of communes"]


def test_another_vintage(tmp_path: Path) -> None:
    folder = imported(tmp_path / "in", population=2021)
    words = refusal(lambda: run(folder, network=small()))
    assert "network: it is of vintage 2023, the tables of 2021" in words


def test_travel_times_beside_the_tables_that_are_others(tmp_path: Path) -> None:
    folder = write_csv(small_world(), tmp_path / "in")
    network = prepare_network(folder)
    run(folder, network=network)
    rules, tables = load_inputs(folder)
    assert run(tables, rules, network=network).network
    path = folder / "travel_times.csv"
    path.write_text(path.read_text().replace("10.0", "11.0"))
    words = refusal(lambda: run(folder, network=network))
    assert "it is stale: travel_times.csv beside the tables is not the travel_times.csv" in words
    rules, tables = load_inputs(folder)
    assert "it is stale" in refusal(lambda: run(tables, rules, network=network))


def test_a_frame_of_travel_times_beside_a_network() -> None:
    words = refusal(lambda: run(frames(small_world()), network=small()))
    assert "travel_times: the table and a prepared network are both given" in words


def test_faults_of_tables_and_of_the_network_at_once(tmp_path: Path) -> None:
    words = refusal(lambda: run(tmp_path, network=tmp_path / "no.aplnet"))
    assert "practitioners: the file is missing" in words
    assert "no.aplnet: cannot be opened" in words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"travel_two_way_pairs": "min"}, r"\[travel.two_way_pairs\] the network was built with"),
        ({"travel_same_commune": "always"}, r"\[travel.same_commune\] the network was built with"),
        ({"travel_steps": (Step(Fraction(7, 2), True, Fraction(1)),)}, "apart at 3.5 minutes"),
        ({"travel_steps": (Step(Fraction(30), True, Fraction(1)),)}, "30 minutes; it reaches 20"),
    ],
)
def test_other_rules(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    with pytest.raises(MethodologyError, match=words):
        run(inputs(tmp_path / "in"), methodology(**changes), network=small())


def test_places_that_are_not_written_to(tmp_path: Path) -> None:
    path = saved(small(), tmp_path)
    before = path.read_bytes()
    for target, words in (
        (path, r"n.aplnet is there already. Choose another name, or add --replace."),
        (tmp_path / "n.bin", r"n.bin: write to a .aplnet file."),
        (tmp_path / "no" / "n.aplnet", r"no is no folder. Make it first."),
    ):
        with pytest.raises(OutputError, match=words):
            save_network(small(), target)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["n.aplnet"]


def test_nothing_is_left_of_what_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(small(), tmp_path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("apl_engine.networks.save.os.replace", full)
    with pytest.raises(OutputError, match=r"cannot be written \(No space left on device\)"):
        save_network(small(), path, replace=True)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["n.aplnet"]


def test_a_folder_where_nothing_can_be_made() -> None:
    with pytest.raises(OutputError, match=r"/proc/n\.aplnet cannot be written"):
        save_network(small(), "/proc/n.aplnet")


MAPPED = """
import sys
from apl_engine import load_network
network = load_network(sys.argv[1])
print(network.pairs, flush=True)
sys.stdin.readline()
print(int(network.by_origin.pairs.sum()), int(network.by_destination.pairs.sum()))
"""


def test_processes_share_a_file_that_is_replaced_meanwhile(tmp_path: Path) -> None:
    path = saved(small(), tmp_path)
    command = [sys.executable, "-c", MAPPED, str(path)]
    both = [
        subprocess.Popen(command, stdin=-1, stdout=-1, text=True, cwd=ROOT, env=dict(os.environ))
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout
        assert process.stdout.readline() == f"{small().pairs}\n"
    other = prepare_network(frames(small_world())["travel_times"].with_columns(minutes=pl.lit(1.0)))
    save_network(other, path, replace=True)
    expected = [int(np.sum(r.pairs)) for r in (small().by_origin, small().by_destination)]
    for process in both:
        said, _ = process.communicate("go\n", timeout=60)
        assert said.split() == [str(value) for value in expected]
    same_bits(load_network(path), other)


def test_its_digest_is_of_its_content() -> None:
    text = content().split(b"\n")[1].partition(b" ")[2]
    described = json.loads(text)
    body = content()[-described["bytes"] :]
    assert hashlib.sha256(body).hexdigest() == described["sha256"]
