"""A damaged or hostile network in parts is refused, and never read beyond its ends."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.faults import fault_of
from support.networks import check_same_bits

from apl_engine import TravelNetwork, load_network
from apl_engine.networks.shards import build_shards
from apl_engine.networks.shards import load as loading
from apl_engine.networks.shards.limits import Limits
from apl_engine.networks.shards.manifest import manifest_bytes, read_manifest
from apl_engine.networks.shards.parts import Part, Written, write_part


def line(size: int = 700) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return times between places on a line, in runs by their codes."""
    rows = [(k, k + d, 3.0 * abs(d)) for k in range(size) for d in range(-6, 7)
            if d and 0 <= k + d < size]  # fmt: skip
    ends = [f"{k:05}" for k in range(size)]
    table = {"origin": [ends[o] for o, _, _ in rows], "destination": [ends[d] for _, d, _ in rows],
             "minutes": [m for _, _, m in rows]}  # fmt: skip
    return pl.DataFrame(table), pl.DataFrame({"commune": ends})


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts") / "n.aplnet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Limits, "MOST", 4000)
        assert build_shards(*arguments(folder), memory="2GiB").layout
    return folder


def arguments(folder: Path) -> tuple[pl.DataFrame, Path, pl.DataFrame]:
    times, communes = line()
    return times, folder, communes


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "n.aplnet"))


def use(path: Path) -> TravelNetwork:
    network = load_network(path)
    network.rows.verify()
    return network


_KINDS = {"damaged", "damaged_header", "not_a_network", "malformed", "other_format", "truncated"}
_each = settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)


@_each
@given(st.data())
def test_any_byte_changed(copy: Path, data: st.DataObject) -> None:
    path = copy / data.draw(st.sampled_from(sorted(os.listdir(copy))))
    before = path.read_bytes()
    changed = bytearray(before)
    at = data.draw(st.integers(0, len(before) - 1))
    changed[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(changed)
    try:
        equal = path.suffix == ".json" and json.loads(changed) == json.loads(before)
    except ValueError:
        equal = False
    # The version that wrote it, and spaces, say nothing of the network.
    if not equal and b'"apl_engine"' in changed[: at + 40]:
        try:
            document, old = json.loads(changed), json.loads(before)
            equal = {**document, "apl_engine": 0} == {**old, "apl_engine": 0}
        except ValueError:
            equal = False
    if not equal:
        assert fault_of(lambda: use(copy)).code.removeprefix("network.") in _KINDS
    path.write_bytes(before)


@_each
@given(st.data())
def test_truncated_anywhere(copy: Path, data: st.DataObject) -> None:
    path = copy / data.draw(st.sampled_from(sorted(os.listdir(copy))))
    before = path.read_bytes()
    path.write_bytes(before[: data.draw(st.integers(0, len(before) - 3))])
    assert fault_of(lambda: use(copy)).code.removeprefix("network.") in _KINDS
    path.write_bytes(before)


def test_files_that_are_missing_or_longer(copy: Path) -> None:
    part = next(copy.glob("*.part"))
    content = part.read_bytes()
    part.write_bytes(content + b"xyz")
    assert fault_of(lambda: load_network(copy)).code == "network.extra_bytes"
    part.unlink()
    assert fault_of(lambda: load_network(copy)).code == "network.unopened"
    part.mkdir()
    assert fault_of(lambda: load_network(copy)).code == "network.unopened"
    (copy / "network.json").unlink()
    fault = fault_of(lambda: load_network(copy))
    assert (fault.code, fault.details) == ("network.no_manifest", {"file": "network.json"})


def rewritten(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Write another manifest with the right digest."""
    described, _ = read_manifest(folder)
    change(described)
    (folder / "network.json").write_bytes(manifest_bytes(described))
    return folder


def _set(*keys: Any, to: Any) -> Callable[[dict[str, Any]], object]:
    def change(described: Any) -> None:
        for key in keys[:-1]:
            described = described[key]
        described[keys[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (_set("communes", to=-1), "communes"),
        (_set("communes", to=2**30), "communes"),
        (_set("pairs", to=10**30), "pairs"),
        (_set("parts", "by_origin", 0, "pairs", to=3), "by_origin"),
        (_set("edges", to=[]), "edges"),
        (_set("edges", to=["x"]), "edges"),
        (_set("built_by", to={}), "built_by"),
        (_set("layout", "weights", to=[1]), "layout"),
        (_set("band_counts", to=[1]), "band_counts"),
        (_set("band_counts", to=None), "band_counts"),
        (_set("notes", to=[{}]), "notes"),
        (_set("notes", to=3), "notes"),
        (_set("source", to={"files": [1]}), "source"),
        (_set("places", to={}), "places"),
        (_set("places", "file", to="../../etc/passwd"), "places"),
        (_set("parts", to=[]), "parts"),
        (_set("parts", "by_origin", to=[]), "by_origin"),
        (_set("parts", "by_origin", 0, "first", to=1), "by_origin"),
        (_set("parts", "by_origin", 0, "last", to=5), "by_origin"),
        (_set("parts", "by_destination", 1, "runs", to=None), "by_destination"),
        (_set("parts", "by_destination", 0, "rows", "file", to="/etc/passwd"), "by_destination"),
        (_set("parts", "by_destination", 0, "rows", "bytes", to=-1), "by_destination"),
        (_set("parts", "by_destination", 0, "pairs", to="1"), "by_destination"),
    ],
)
def test_manifests_that_no_network_has(copy: Path, change: Any, wrong: str) -> None:
    fault = fault_of(lambda: load_network(rewritten(copy, change)))
    assert fault.code == "network.malformed"
    assert wrong in fault.details["parts"]


@pytest.mark.parametrize("runs", [{}, [], 3, {"file": "/etc/passwd", "bytes": 1}])
def test_runs_that_no_layout_has(copy: Path, runs: Any) -> None:
    def change(described: Any) -> None:
        described["layout"] = None
        for way in ("by_origin", "by_destination"):
            for part in described["parts"][way]:
                part["runs"] = None
        described["parts"]["by_destination"][0]["runs"] = runs

    fault = fault_of(lambda: load_network(rewritten(copy, change)))
    assert (fault.code, fault.details["parts"]) == ("network.malformed", ("by_destination",))


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"network": []}', b"[" * 10**5, b"\xff"])
def test_manifests_that_are_none(copy: Path, text: bytes) -> None:
    (copy / "network.json").write_bytes(text)
    assert fault_of(lambda: load_network(copy)).code == "network.not_a_network"


def with_part(folder: Path, way: str, kind: str, change: Callable[[dict[str, Any]], Any]) -> Path:
    """Write another first part of a direction, rightly named."""
    described, _ = read_manifest(folder)
    entry = described["parts"][way][0] if way else described
    old = entry[kind]
    arrays, _ = Part(folder, Written(old["file"], old["bytes"]), False).arrays()
    made = {name: array.copy() for name, array in arrays.items()}
    change(made)
    entry[kind] = write_part(folder, made).as_dict()
    (folder / "network.json").write_bytes(manifest_bytes(described))
    return folder


def _at(name: str, index: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(arrays: dict[str, Any]) -> None:
        arrays[name][index] = value

    return change


def _drop(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda arrays: arrays.__delitem__(name)


def _as(name: str, dtype: Any) -> Callable[[dict[str, Any]], None]:
    return lambda arrays: arrays.update({name: arrays[name].astype(dtype)})


RUNS_OF = ("pointers", "members", "counts", "starts", "lengths", "widths")


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        *[("runs", _drop(name)) for name in RUNS_OF],
        *[("runs", _as(name, np.uint16 if name == "pointers" else np.int64)) for name in RUNS_OF
          if name != "pointers"],
        ("runs", _at("pointers", 1, 2**40)), ("runs", _at("pointers", 0, -5)),
        ("runs", _at("members", slice(None), 0)), ("runs", _at("counts", 3, 65_535)),
        ("runs", _at("starts", slice(None), 65_000)), ("runs", _at("lengths", slice(None), 255)),
        ("runs", _at("widths", 5, 0)),
        ("rows", _drop("pairs")), ("rows", _drop("pointers")),
        ("rows", _at("pointers", 1, 2**40)), ("rows", _at("pairs", 7, 2**24 - 1)),
        ("rows", _at("pairs", 7, 2**32 - 2**24)), ("rows", _at("pairs", slice(0, 9), 1)),
    ],
)  # fmt: skip
def test_parts_that_no_network_has(copy: Path, kind: str, change: Any) -> None:
    for way in ("by_origin", "by_destination"):
        path = with_part(copy, way, kind, change)
        assert fault_of(lambda path=path: use(path)).code == "network.malformed"


@pytest.mark.parametrize(
    "change",
    [_drop("codes"), _drop("order"), _at("order", 0, 2**31), _at("order", 0, 1),
     _at("codes", 3, 255), _at("codes", slice(0, 5), ord("9"))],
)  # fmt: skip
def test_places_that_no_network_has(copy: Path, change: Any) -> None:
    fault = fault_of(lambda: load_network(with_part(copy, "", "places", change)))
    assert fault.code == "network.malformed"


def test_parts_that_contradict_each_other(copy: Path) -> None:
    """Within bounds, but of other pairs."""

    def moved(arrays: dict[str, Any]) -> None:
        # Another place in the gap before the first of a row.
        arrays["pairs"][arrays["pointers"][20]] -= 1

    path = with_part(copy, "by_origin", "rows", moved)
    assert fault_of(lambda: use(path)).details == {"parts": ("by_origin", "by_destination")}


def test_a_part_is_verified_once(original: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(original)
    count = [0]
    counted = hashlib.sha256

    def sha256(*args: Any) -> Any:
        count[0] += 1
        return counted(*args)

    monkeypatch.setattr("apl_engine.networks.shards.parts.hashlib.sha256", sha256)
    use(original)
    assert count == [1], "the manifest is small"


def test_it_travels_as_its_path(copy: Path) -> None:
    network = load_network(copy)
    text = pickle.dumps(network)
    assert len(text) < 500
    check_same_bits(pickle.loads(text), network)
    rewritten(copy, _set("source", to={"vintage": 1999}))
    assert fault_of(lambda: pickle.loads(text)).code == "network.changed"


def test_pairs_that_do_not_fit_in_memory(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = load_network(copy)
    monkeypatch.setattr(loading, "_memory", lambda: 1000)
    fault = fault_of(lambda: network.by_origin)
    assert fault.code == "network.too_large_to_join"
    assert str(fault)
