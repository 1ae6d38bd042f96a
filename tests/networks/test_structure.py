"""A file with right digests that is no network is refused, and never read beyond its ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.faults import fault_of
from support.tables import SAMPLES

from apl_engine import InputDataError, load_network, run
from apl_engine.networks import file as network_file
from apl_engine.networks import prepare_network
from apl_engine.networks.structure import PAIRS, RUNS, WAYS

REGION = SAMPLES / "pays-de-la-loire"
MAGIC = b"APL network\n"
OF_WAYS = [f"{way}.{name}" for way in WAYS for name in RUNS]
ARRAYS = ["codes", "order", *OF_WAYS, *PAIRS]

Sections = list[dict[str, Any]]
BAND = "band.29"


@cache
def parts() -> tuple[dict[str, Any], Sections]:
    """Return the header and the arrays of a network with runs, by section."""
    head, body = network_file.network_bytes(prepare_network(REGION))
    header = json.loads(head[len(MAGIC) :].partition(b" ")[2].partition(b"\n")[0])
    content = b"".join(body)
    sections: Sections = [
        {
            name: np.frombuffer(
                content, of["dtype"], int(np.prod(of["shape"])), section["at"] + of["at"]
            ).reshape(of["shape"])
            for name, of in section["arrays"].items()
        }
        for section in header["sections"]
    ]
    return header, sections


def written(folder: Path, header: Any, sections: Sections | None = None) -> Path:
    """Write a file with right digests; with the sections of `header` if none are given."""
    body: list[memoryview] = []
    made = [network_file._section(each, body) for each in sections or parts()[1]]
    if sections:
        header = {**header, "sections": made, "bytes": sum(len(part) for part in body)}
    return of_text(folder, json.dumps(header).encode(), b"".join(body))


def of_text(folder: Path, text: bytes, body: bytes = b"") -> Path:
    text += b"\n"
    head = MAGIC + hashlib.sha256(text).hexdigest().encode() + b" " + text
    path = folder / "n.aplnet"
    path.write_bytes(head + bytes(-len(head) % 64) + body)
    return path


def with_array(name: str, array: Any | None) -> Sections:
    """Return the sections with another array in place of one, or without it."""
    return [
        {
            key: array if key == name else value
            for key, value in section.items()
            if key != name or array is not None
        }
        for section in parts()[1]
    ]


def array_of(name: str) -> Any:
    return next(section[name] for section in parts()[1] if name in section)


def malformed(path: Path) -> tuple[str, ...]:
    """Return the parts that are refused when a network and its pairs are used."""
    fault = fault_of(lambda: load_network(path).by_origin)
    assert (fault.code, fault.table) == ("network.malformed", path.name)
    return tuple(fault.details["parts"])


def test_a_file_written_so_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, *parts())
    assert run(REGION, network=path).communes.equals(run(REGION).communes)
    assert load_network(path).by_origin


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_are_missing_or_misshapen(tmp_path: Path, name: str) -> None:
    array = array_of(name)
    other = np.int64 if array.dtype != np.int64 else np.uint32
    # One byte less is a shorter code; the faults of others depend on what they are held against.
    shorter = array[: -7 if name == "codes" else -1]
    assert malformed(written(tmp_path, parts()[0], with_array(name, None))) == (name,)
    for changed in (array.astype(other), array[None], shorter, array[:0]):
        assert malformed(written(tmp_path, parts()[0], with_array(name, changed)))


@pytest.mark.parametrize("check", [True, False])
def test_what_is_missing_is_named_all_at_once(tmp_path: Path, check: bool) -> None:
    sections = with_array("by_origin.members", None)
    del sections[0]["order"], sections[1]["origin_pairs"]
    path = written(tmp_path, parts()[0], sections)
    fault = fault_of(lambda: load_network(path, check=check))
    assert fault.details == {"parts": ("order", "by_origin.members")}


def _one(value: int) -> Callable[[Any], Any]:
    def change(array: Any) -> Any:
        changed = array.copy()
        changed.reshape(-1)[array.size // 2] = value
        return changed

    return change


@pytest.mark.parametrize(
    ("name", "change", "found"),
    [
        ("order", _one(2**31), "order"),
        ("order", _one(0), "order"),
        ("by_origin.pointers", _one(2**40), "by_origin.pointers"),
        ("by_origin.pointers", lambda array: -array, "by_origin.pointers"),
        ("by_origin.pointers", lambda array: array + 1, "by_origin.pointers"),
        ("by_destination.members", lambda array: array * 0, "by_destination.members"),
        ("by_destination.counts", _one(65_535), "by_destination.counts"),
        ("by_origin.starts", _one(65_000), "by_origin.starts"),
        ("by_origin.lengths", lambda array: array * 0 + 255, "by_origin.starts"),
        ("origin_pointers", _one(2**40), "origin_pointers"),
        ("destination_pointers", lambda array: array * 0, "destination_pointers"),
        ("origin_pairs", _one(2**24 - 1), "origin_pairs"),
        ("destination_pairs", _one(2**32 - 2**24), "destination_pairs"),
    ],
)
def test_arrays_that_would_be_read_beyond_their_ends(
    tmp_path: Path, name: str, change: Callable[[Any], Any], found: str
) -> None:
    sections = with_array(name, change(array_of(name)))
    assert found in malformed(written(tmp_path, parts()[0], sections))


@pytest.mark.parametrize(
    "change", [lambda array: array[:, :-1], lambda array: array.reshape(-1), _one(2**24)]
)
def test_pairs_of_bands_that_are_others(tmp_path: Path, change: Callable[[Any], Any]) -> None:
    sections = with_array(BAND, change(array_of(BAND)))
    assert malformed(written(tmp_path, parts()[0], sections)) == (BAND,)
    for name in ("band.400", "band.x"):
        extra = [{**parts()[1][0], name: array_of(BAND)}, parts()[1][1]]
        assert malformed(written(tmp_path, parts()[0], extra)) == (name,)


@pytest.mark.parametrize("codes", [b"01001\n01002", b"\xff\xfe"])
def test_codes_that_are_not_those_of_the_communes(tmp_path: Path, codes: bytes) -> None:
    sections = with_array("codes", np.frombuffer(codes, dtype=np.uint8))
    assert malformed(written(tmp_path, parts()[0], sections)) == ("codes",)


KEYS = [key for key in parts()[0] if key not in ("format", "apl_engine")]


@pytest.mark.parametrize("key", KEYS)
def test_keys_of_the_header(tmp_path: Path, key: str) -> None:
    header = parts()[0]
    without = {name: value for name, value in header.items() if name != key}
    assert malformed(written(tmp_path, without)) == (key,)
    wrong = [None, "x", -1, [None], [10**30], {"a": 1}]
    for value in wrong[1:] if key == "layout" else wrong:
        if (key, value) not in (("source", {"a": 1}), ("bytes", -1)):
            assert malformed(written(tmp_path, {**header, key: value}))


@pytest.mark.parametrize("key", ["at", "bytes", "shape", "dtype"])
@pytest.mark.parametrize("value", [None, -64, 10**12, "object", [-1], [2**62, 4]])
def test_places_of_arrays(tmp_path: Path, key: str, value: Any) -> None:
    header = json.loads(json.dumps(parts()[0]))
    section = header["sections"][1]
    (section if key == "bytes" else section["arrays"]["origin_pairs"])[key] = value
    assert malformed(written(tmp_path, header))[0] == "sections"


@pytest.mark.parametrize("text", [b"[]", b"1", b"{", b"\xff", b"{}", b'{"bytes": 3}'])
def test_a_header_that_is_none(tmp_path: Path, text: bytes) -> None:
    assert malformed(of_text(tmp_path, text)) == ("format",)


def test_format_1_is_another_format_whatever_it_holds(tmp_path: Path) -> None:
    fault = fault_of(lambda: load_network(of_text(tmp_path, b'{"format": 1}')))
    assert fault.code == "network.other_format"
    assert (fault.details["format"], fault.details["supported"]) == (1, 2)


def _shuffled(seed: int = 3) -> Callable[[Any], Any]:
    return lambda array: np.random.default_rng(seed).permutation(array)


@pytest.mark.parametrize(
    ("name", "change", "found"),
    [
        ("order", _shuffled(), "by_origin.widths"),
        ("by_origin.widths", _shuffled(), "by_origin.widths"),
        ("by_destination.widths", lambda array: array + 1, "by_destination.widths"),
        ("by_origin.factors", lambda array: array * 2, "by_origin.factors"),
        ("by_origin.factors", lambda array: -array, "by_origin.factors"),
        # Reversed within a window, whose runs then belong to other rows.
        ("by_destination.members", lambda array: array[: array.size // 256 * 256].reshape(
            -1, 256)[:, ::-1].reshape(-1).tolist() + array[array.size // 256 * 256 :].tolist(),
         "by_destination.widths"),
        # As long as before, elsewhere.
        ("by_origin.starts", lambda array: np.where(array > 0, array - 1, array),
         "by_origin.starts"),
    ],
)  # fmt: skip
def test_runs_that_the_rest_of_the_file_contradicts(
    tmp_path: Path, name: str, change: Callable[[Any], Any], found: str
) -> None:
    before = array_of(name)
    changed = np.array(change(before), dtype=before.dtype)
    path = written(tmp_path, parts()[0], with_array(name, changed))
    assert found in malformed(path)
    with pytest.raises(InputDataError):
        run(REGION, network=path)


def relabelled() -> Sections:
    """Return runs of which each is right and that belong together: of communes named otherwise."""
    first, second = parts()[1]
    order, renamed = first["order"], np.random.default_rng(5).permutation(first["order"].size)
    widths = {}
    for way in WAYS:
        widths[f"{way}.widths"] = np.empty_like(first[f"{way}.widths"])
        widths[f"{way}.widths"][renamed] = first[f"{way}.widths"]
    return [{**first, **widths, "order": renamed[order].astype(np.uint32)}, second]


def test_pairs_that_are_not_those_of_the_runs(tmp_path: Path) -> None:
    path = written(tmp_path, parts()[0], relabelled())
    # Whole by itself: only the pairs tell.
    assert load_network(path).layout
    assert malformed(path) == ("order",)


def test_pairs_of_bands_that_are_not_those_of_all_pairs(tmp_path: Path) -> None:
    changed = array_of(BAND)[:, ::-1].copy()
    assert malformed(written(tmp_path, parts()[0], with_array(BAND, changed))) == (BAND,)


def _pairs_moved(array: Any) -> Any:
    """Exchange the bands of two pairs."""
    changed, bands = array.copy(), array >> 24
    other = int(np.flatnonzero(bands != bands[0])[0])
    changed[[0, other]] = (array[[0, other]] & 0xFFFFFF) | (bands[[other, 0]] << 24)
    return changed


@pytest.mark.parametrize("change", [_pairs_moved, lambda array: array[::-1], _shuffled()])
@pytest.mark.parametrize("name", ["origin_pairs", "destination_pairs"])
def test_pairs_of_one_direction_only(
    tmp_path: Path, name: str, change: Callable[[Any], Any]
) -> None:
    sections = with_array(name, change(array_of(name)))
    assert name in malformed(written(tmp_path, parts()[0], sections))


def test_counts_of_bands_that_are_not_those_of_the_pairs(tmp_path: Path) -> None:
    header = parts()[0]
    counts, weights = header["band_counts"], header["layout"]["weights"]
    same = [k for k, weight in enumerate(weights) if weight == weights[-2] and counts[k]]
    free = [k for k in same if f"band.{k}" not in parts()[1][0]][:2]
    moved = list(counts)
    moved[free[0]] += 1
    moved[free[1]] -= 1
    path = written(tmp_path, {**header, "band_counts": moved}, parts()[1])
    assert malformed(path) == ("band_counts",)


def test_a_commune_that_is_there_twice(tmp_path: Path) -> None:
    codes = array_of("codes").copy()
    codes[6:11] = codes[:5]
    assert malformed(written(tmp_path, parts()[0], with_array("codes", codes))) == ("codes",)


NOTE = {"code": "osrm.no_route", "count": 2, "examples": [], "warning": False, "details": {}}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"notes": [{**NOTE, "code": "no.such_code"}]}, "notes"),
        ({"notes": [{**NOTE, "code": "../../../x.y"}]}, "notes"),
        ({"notes": [{**NOTE, "examples": [1, {}]}]}, "notes"),
        ({"notes": [{**NOTE, "code": "osrm.far_from_road"}]}, "notes"),
        ({"notes": [{**NOTE, "code": "osrm.far_from_road", "details": {"km": "x"}}]}, "notes"),
        ({"source": {"vintage": {}}}, "source"),
        ({"source": {"vintage": [2024]}}, "source"),
        ({"pairs": 10**30}, "pairs"),
        ({"source": {"a": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}}, "format"),
    ],
)
def test_descriptions_that_no_network_has(
    tmp_path: Path, change: dict[str, Any], found: str
) -> None:
    assert found in malformed(written(tmp_path, {**parts()[0], **change}, parts()[1]))


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_a_deep_description(tmp_path: Path, opening: bytes) -> None:
    for text in (
        opening * 100_000,
        opening * 500 + b"1" + (b"]" if opening == b"[" else b"}") * 500,
    ):
        assert malformed(of_text(tmp_path, text)) == ("format",)
