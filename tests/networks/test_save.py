"""A network is written whole or not at all, and processes share its file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from support.faults import fault_of
from support.networks import check_same_bits, saved, small_network
from support.tables import frames, small_world

from apl_engine import OutputError, load_network
from apl_engine.networks import prepare_network, save_network

ROOT = Path(__file__).parents[2]


def test_paths_that_are_refused(tmp_path: Path) -> None:
    path = saved(small_network(), tmp_path)
    before = path.read_bytes()
    for target, code in (
        (path, "output.exists"),
        (tmp_path / "n.bin", "output.wrong_ending"),
        (tmp_path / "no" / "n.aplnet", "output.no_folder"),
    ):
        fault = fault_of(lambda target=target: save_network(small_network(), target), OutputError)
        assert fault.code == code
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["n.aplnet"]


def test_a_failure_to_write_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(small_network(), tmp_path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("apl_engine.results.switch.os.replace", full)
    fault = fault_of(lambda: save_network(small_network(), path, replace=True), OutputError)
    assert fault.code == "output.not_written"
    assert fault.details == {"path": str(path), "reason": "No space left on device"}
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["n.aplnet"]


def test_a_folder_that_cannot_be_written_to() -> None:
    fault = fault_of(lambda: save_network(small_network(), "/proc/n.aplnet"), OutputError)
    assert fault.code == "output.not_written"


MAPPED = """
import sys
from apl_engine import load_network
network = load_network(sys.argv[1])
print(network.pairs, flush=True)
sys.stdin.readline()
print(int(network.by_origin.pairs.sum()), int(network.by_destination.pairs.sum()))
"""


@pytest.mark.heavy
def test_processes_continue_with_a_file_that_is_replaced(tmp_path: Path) -> None:
    small = small_network()
    path = saved(small, tmp_path)
    command = [sys.executable, "-c", MAPPED, str(path)]
    both = [
        subprocess.Popen(command, stdin=-1, stdout=-1, text=True, cwd=ROOT, env=dict(os.environ))
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout
        assert process.stdout.readline() == f"{small.pairs}\n"
    other = prepare_network(frames(small_world())["travel_times"].with_columns(minutes=pl.lit(1.0)))
    save_network(other, path, replace=True)
    expected = [str(np.sum(rows.pairs)) for rows in (small.by_origin, small.by_destination)]
    for process in both:
        output, _ = process.communicate("go\n", timeout=60)
        assert output.split() == expected
    check_same_bits(load_network(path), other)
