"""A network that was loaded travels as its path and digest; another one whole."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from support.faults import fault_of
from support.networks import check_same_bits, saved, small_network
from support.tables import SAMPLES, methodology

from apl_engine import load_network, run
from apl_engine.networks import prepare_network, save_network

REGION = SAMPLES / "pays-de-la-loire"


def test_a_loaded_network_travels_as_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = prepare_network(REGION)
    saved(network, tmp_path)
    monkeypatch.chdir(tmp_path)
    text = pickle.dumps(load_network("n.aplnet"))
    assert len(text) < 500
    monkeypatch.chdir(os.sep)
    arrived = pickle.loads(text)
    check_same_bits(arrived, network)
    assert pickle.dumps(arrived) == text
    assert run(REGION, network=arrived).communes.equals(run(REGION).communes)


def test_another_network_at_its_path_is_refused(tmp_path: Path) -> None:
    path = saved(small_network(), tmp_path)
    text = pickle.dumps(load_network(path))
    save_network(replace(small_network(), source={}), path, replace=True)
    fault = fault_of(lambda: pickle.loads(text))
    assert (fault.code, fault.table) == ("network.changed", "n.aplnet")
    assert str(fault)
    path.unlink()
    assert fault_of(lambda: pickle.loads(text)).code == "network.unopened"


def test_it_is_checked_where_it_arrives_as_where_it_was_loaded(tmp_path: Path) -> None:
    path = saved(prepare_network(REGION), tmp_path)
    texts = [pickle.dumps(load_network(path, check=check)) for check in (True, False)]
    content = bytearray(path.read_bytes())
    content[-64] ^= 1
    path.write_bytes(content)
    checked, unchecked = map(pickle.loads, texts)
    assert fault_of(lambda: checked.by_origin).code == "network.damaged"
    assert unchecked.by_origin


@pytest.mark.parametrize("laid_out", [False, True])
def test_a_network_in_memory_travels_whole(tmp_path: Path, laid_out: bool) -> None:
    network = prepare_network(REGION)
    network = network if laid_out else replace(network, layout=None, of_bands=None)
    before = len(pickle.dumps(network))
    expected = run(REGION, network=network)
    assert len(pickle.dumps(network)) == before, "what was derived travels too"
    arrived = pickle.loads(pickle.dumps(network))
    assert arrived.stored is None
    check_same_bits(arrived, network)
    assert run(REGION, network=arrived).communes.equals(expected.communes)


def test_a_changed_copy_is_not_what_is_stored(tmp_path: Path) -> None:
    path = saved(small_network(), tmp_path)
    changed = replace(load_network(path), notes=())
    arrived = pickle.loads(pickle.dumps(changed))
    assert (arrived.stored, arrived.notes) == (None, ())
    check_same_bits(arrived, changed)
    rules = methodology()
    assert arrived.keeping(rules).stored is None
