"""Parts of a network are added up by any workers, with the same bits."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from support.faults import fault_of
from support.tables import SAMPLES

from apl_engine import TravelNetwork, load_network, run
from apl_engine.executors import open_workers
from apl_engine.method import sharded_rows
from apl_engine.method.accessibility import apl_by
from apl_engine.methodology import load_methodology
from apl_engine.networks import prepare_network
from apl_engine.networks.shards import build_shards
from apl_engine.networks.shards.limits import Limits

REGION = SAMPLES / "pays-de-la-loire"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts") / "n.aplnet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Limits, "MOST", 10_000)
        build_shards(REGION, folder, memory="2GiB")
    return folder


@contextmanager
def executor_of(kind: str) -> Iterator[Executor | str]:
    if kind == "threads":
        with ThreadPoolExecutor(2) as pool:
            yield pool
    elif kind == "processes":
        import multiprocessing

        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
            yield pool
    else:
        pytest.importorskip("distributed")
        yield kind


KINDS = ["threads", pytest.param("processes", marks=pytest.mark.slow),
         pytest.param("local:2", marks=pytest.mark.nightly)]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_runs_on_workers_are_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(sharded_rows, "_UNIT", 10_000)
    expected = run(REGION)
    with executor_of(kind) as executor:
        divided = run(REGION, network=path, executor=executor)
    for table in ("communes", "territories", "regions", "ambiguous"):
        assert getattr(divided, table).equals(getattr(expected, table), null_equal=True)
    # The workers are gone, and the network of the result needs none.
    assert run(REGION, network=divided.network).communes.equals(expected.communes)


def apl(network: TravelNetwork, values: pl.DataFrame) -> bytes:
    etp, people = (values[name].to_numpy() for name in ("etp", "people"))
    return apl_by(network, load_methodology("mk-2024"), etp, people).tobytes()


@pytest.mark.parametrize("unit", [1, 15_000, 10**9])
def test_any_division_gives_the_same_bits(
    path: Path, monkeypatch: pytest.MonkeyPatch, unit: int
) -> None:
    monkeypatch.setattr(sharded_rows, "_UNIT", unit)
    network = load_network(path)
    rng = np.random.default_rng(1)
    n = len(network.communes)
    # Some so small that their sums need fine words and digits.
    values = pl.DataFrame({"etp": rng.uniform(0, 1e-12, n), "people": rng.uniform(0, 1e5, n)})
    expected = apl(prepare_network(REGION), values)
    assert apl(network, values) == expected
    with ThreadPoolExecutor(2) as pool, open_workers(pool) as workers:
        assert apl(network.on(workers), values) == expected


def test_units_are_few_and_cover_all_parts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = load_network(path).ways(load_methodology("mk-2024")).by_origin
    assert isinstance(rows, sharded_rows.ShardedRows)
    assert rows.units() == [(0, len(rows.parts))]
    monkeypatch.setattr(sharded_rows, "_UNIT", 1)
    assert rows.units() == [(k, k + 1) for k in range(len(rows.parts))]


def test_a_network_in_one_piece_is_not_divided() -> None:
    with ThreadPoolExecutor(1) as pool:
        for network in (None, prepare_network(REGION)):
            fault = fault_of(lambda network=network: run(REGION, network=network, executor=pool))
            assert (fault.code, fault.table) == ("network.not_in_parts", "network")


def test_no_executor_divides_nothing(path: Path) -> None:
    network = load_network(path)
    with open_workers(None) as workers:
        assert network.on(workers) is network
