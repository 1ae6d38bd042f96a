"""A prepared network on disk gives the same figures; a damaged or another one is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.faults import codes_of, fault_of, faults_of
from support.networks import check_same_bits, saved, small_network
from support.tables import (
    SAMPLES,
    World,
    frames,
    methodology,
    small_world,
    write_csv,
    write_imported,
)

from apl_engine import MethodologyError, TravelNetwork, __version__, load_network, run
from apl_engine.methodology.values import Step
from apl_engine.networks import file as network_file
from apl_engine.networks import prepare_network
from apl_engine.runs.run import load_run

REGION = SAMPLES / "pays-de-la-loire"


@cache
def content() -> bytes:
    head, parts = network_file.network_bytes(small_network())
    return head + b"".join(parts)


def loaded(content: bytes, folder: Path) -> TravelNetwork:
    path = folder / "damaged.aplnet"
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    network = load_network(path)
    assert network.by_origin, "the pairs are checked when they are used"
    return network


def inputs(folder: Path, change: Callable[[World], object] = lambda _: None) -> Path:
    """Write a small world without travel times."""
    world = small_world()
    change(world)
    write_csv(world, folder)
    (folder / "travel_times.csv").unlink()
    return folder


@pytest.mark.parametrize("threads", [1, 2])
def test_a_network_is_loaded_as_it_was_saved(tmp_path: Path, threads: int) -> None:
    network = prepare_network(REGION, vintage=2023, reach=40, threads=threads)
    path = saved(network, tmp_path)
    check_same_bits(load_network(path), network)
    check_same_bits(load_network(path), prepare_network(REGION, vintage=2023, reach=40))
    assert path.stat().st_mode & 0o777 == 0o644
    with pytest.raises(ValueError, match="read-only"):
        load_network(path).by_origin.pairs[0] = 1


@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_on_it_gives_the_same_figures(tmp_path: Path, threads: int) -> None:
    path = saved(prepare_network(REGION, reach=60), tmp_path)
    without, by_file = run(REGION, threads=threads), run(REGION, network=path, threads=threads)
    for table in ("communes", "territories", "regions"):
        assert getattr(without, table).equals(getattr(by_file, table), null_equal=True)
    assert by_file.network.as_dict()["reach"] == 60
    assert "travel_times" not in by_file.counts["rows"]
    assert run(REGION, network=load_network(path, check=False)).communes.equals(by_file.communes)


@pytest.mark.parametrize(
    ("written", "kind"),
    [(None, "unopened"), (b"", "empty"), (b"PAR1" * 99, "not_a_network")],
)
def test_files_that_are_not_networks(tmp_path: Path, written: bytes | None, kind: str) -> None:
    path = tmp_path / "n.aplnet"
    if written is not None:
        path.write_bytes(written)
    fault = fault_of(lambda: load_network(path))
    assert (fault.code, fault.table) == (f"network.{kind}", "n.aplnet")


def test_a_folder_is_not_a_network(tmp_path: Path) -> None:
    fault = fault_of(lambda: load_network(tmp_path))
    assert (fault.code, fault.details) == ("network.no_manifest", {"file": "network.json"})


def test_another_format_is_reported_with_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_file, "FORMAT", 3)
    path = saved(small_network(), tmp_path)
    monkeypatch.undo()
    fault = fault_of(lambda: load_network(path))
    assert (fault.code, fault.table) == ("network.other_format", "n.aplnet")
    assert fault.details == {
        "format": 3, "written_by": __version__, "version": __version__, "supported": 2,
    }  # fmt: skip


def test_bytes_after_its_end(tmp_path: Path) -> None:
    fault = fault_of(lambda: loaded(content() + b"xyz", tmp_path))
    assert (fault.code, fault.details) == ("network.extra_bytes", {"bytes": 3})


_DAMAGED = {"network.damaged", "network.damaged_header", "network.not_a_network"}
_each = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)


@_each
@given(st.data())
def test_truncated_anywhere(tmp_path: Path, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(content()) - 1))
    fault = fault_of(lambda: loaded(content()[:cut], tmp_path))
    assert fault.code in _DAMAGED | {"network.truncated", "network.empty"}


@_each
@given(st.data())
def test_any_byte_changed(tmp_path: Path, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(content()) - 1))
    changed = bytearray(content())
    changed[at] ^= data.draw(st.integers(1, 255))
    assert fault_of(lambda: loaded(bytes(changed), tmp_path)).code in _DAMAGED


def test_the_padding_of_the_header_is_checked_too(tmp_path: Path) -> None:
    """No digest covers it, and few draws of a position fall into it."""
    end = content().index(b"\n", len(b"APL network\n")) + 1
    for at in range(end, end + -end % 64):
        changed = bytearray(content())
        changed[at] = 1
        fault = fault_of(lambda changed=changed: loaded(bytes(changed), tmp_path))
        assert fault.code == "network.damaged_header"
    assert end % 64, "the header of this network has no padding: take another vintage"


def test_other_communes_are_reported_both_ways(tmp_path: Path) -> None:
    def rename(world: World) -> None:
        for rows in world.values():
            for row in rows:
                row.update({k: "01003" for k, v in row.items() if v == "01002"})

    faults = faults_of(lambda: run(inputs(tmp_path / "in", rename), network=small_network()))
    assert [(fault.code, fault.table, fault.values, fault.details) for fault in faults] == [
        ("network.missing_communes", "network", ("01003",), {"communes": 1}),
        ("network.unexpected_communes", "network", ("01002",), {"communes": 1}),
    ]


def test_communes_out_of_order(tmp_path: Path) -> None:
    turned = replace(small_network(), communes=small_network().communes.reverse())
    fault = fault_of(lambda: run(inputs(tmp_path / "in"), network=turned))
    assert fault.code == "network.unsorted_communes"


def test_another_vintage(tmp_path: Path) -> None:
    folder = write_imported(tmp_path / "in", population=2021)
    fault = fault_of(lambda: run(folder, network=small_network()))
    assert fault.code == "network.other_vintage"
    assert fault.details == {"vintage": 2023, "tables": (2021,)}


def test_other_travel_times_beside_the_tables(tmp_path: Path) -> None:
    folder = write_csv(small_world(), tmp_path / "in")
    network = prepare_network(folder)
    run(folder, network=network)
    rules, tables, _ = load_run(folder)
    assert run(tables, rules, network=network).network
    path = folder / "travel_times.csv"
    path.write_text(path.read_text().replace("10.0", "11.0"))
    fault = fault_of(lambda: run(folder, network=network))
    assert fault.code == "network.stale"
    assert fault.details == {"beside": "travel_times.csv", "files": ("travel_times.csv",)}
    rules, tables, _ = load_run(folder)
    assert codes_of(lambda: run(tables, rules, network=network)) == ["network.stale"]


def test_a_frame_of_travel_times_beside_a_network() -> None:
    fault = fault_of(lambda: run(frames(small_world()), network=small_network()))
    assert (fault.code, fault.table) == ("inputs.table_and_network", "travel_times")


def test_faults_of_tables_and_of_the_network_at_once(tmp_path: Path) -> None:
    codes = codes_of(lambda: run(tmp_path, network=tmp_path / "no.aplnet"))
    assert {"practitioners.missing_file", "network.unopened"} <= set(codes)


@pytest.mark.parametrize(
    ("changes", "kind", "key", "details"),
    [
        (
            {"travel_two_way_pairs": "min"},
            "other_rule",
            "travel.two_way_pairs",
            {"built_with": "as_given", "asked": "min"},
        ),
        (
            {"travel_same_commune": "always"},
            "other_rule",
            "travel.same_commune",
            {"built_with": "where_absent", "asked": "always"},
        ),
        (
            {"travel_steps": (Step(Fraction(7, 2), True, Fraction(1)),)},
            "step_not_on_edge",
            "travel.steps",
            {"minutes": (3.5,), "reach": 20.0},
        ),
        (
            {"travel_steps": (Step(Fraction(30), True, Fraction(1)),)},
            "step_not_on_edge",
            "travel.steps",
            {"minutes": (30.0,), "reach": 20.0},
        ),
    ],
)
def test_other_rules(
    tmp_path: Path, changes: dict[str, object], kind: str, key: str, details: dict[str, object]
) -> None:
    rules = methodology(**changes)
    action = partial(run, inputs(tmp_path / "in"), rules, network=small_network())
    fault = fault_of(action, MethodologyError)
    assert (fault.code, fault.key, fault.table) == (f"network.{kind}", key, rules.id)
    assert fault.details == details


def test_its_digests_are_of_its_content() -> None:
    text = content().split(b"\n")[1].partition(b" ")[2]
    described = json.loads(text)
    body, end = content()[-described["bytes"] :], 0
    for section in described["sections"]:
        assert section["at"] == end
        end += section["bytes"]
        assert hashlib.sha256(body[section["at"] : end]).hexdigest() == section["sha256"]
    assert end == len(body)


def test_pairs_are_not_read_by_a_run(tmp_path: Path) -> None:
    """Damaged, they are refused when they are used, and change no figure."""
    network = prepare_network(REGION)
    assert network.layout
    path = saved(network, tmp_path)
    content = bytearray(path.read_bytes())
    content[-64] ^= 1
    path.write_bytes(content)
    damaged = load_network(path)
    assert run(REGION, network=path).communes.equals(run(REGION).communes)
    assert fault_of(lambda: damaged.by_origin).code == "network.damaged"
    assert load_network(path, check=False).by_origin
