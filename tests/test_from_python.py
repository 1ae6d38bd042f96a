"""What a program that uses the library may give, and what it is told."""

from __future__ import annotations

import logging
import multiprocessing
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.faults import faults_of
from support.tables import SAMPLES, frames, methodology, small_world

import apl_engine
from apl_engine.aids import Contract, Payment, Period, Plan
from apl_engine.imports import import_files
from apl_engine.schemas import bands_of, communes_of

SAMPLE = SAMPLES / "pays-de-la-loire"
RULES = methodology()


def test_a_result_in_memory_is_explained_as_the_one_on_disk(tmp_path: Path) -> None:
    result = apl_engine.run(SAMPLE)
    apl_engine.write_result(result, tmp_path / "zones")
    stored = apl_engine.explain(tmp_path / "zones", "53130", readings=False)
    for given in (result, apl_engine.run({p.stem: p for p in SAMPLE.glob("*.parquet")})):
        explained = apl_engine.explain(given, 53130, readings=False)
        assert (explained.apl, explained.place) == (stored.apl, stored.place)
        assert explained.sum is not None
        assert stored.sum is not None
        assert explained.sum.suppliers.equals(stored.sum.suppliers)


def test_codes_that_are_numbers_have_their_zero_back() -> None:
    world = small_world()
    assert apl_engine.explain(apl_engine.run(frames(world), RULES), 1001).place.code == "01001"


def test_a_single_file_is_a_list_of_one(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("idSrc;idDst;duree\n01001;01002;9.5\n01002;01001;10\n")
    for files in (str(path), path, [path]):
        made = import_files("distancier", files, RULES)
        assert made.tables["travel_times"].height == 2


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        (lambda: Contract("CACCMK", "2024-01-01", commune=1001), ["signed", "commune"]),  # type: ignore[arg-type]
        (lambda: Contract("CACCMK", datetime(2024, 1, 1)), ["signed"]),
        (lambda: Contract("CACCMK", date(2024, 1, 1), acts=("5",)), ["acts"]),  # type: ignore[arg-type]
        (lambda: Contract("CACCMK", date(2024, 1, 1), paid=[]), ["paid"]),  # type: ignore[arg-type]
        (lambda: Payment(date(2024, 1, 1), 5.5), ["amount"]),  # type: ignore[arg-type]
        (lambda: Period("2024", None), ["first", "last"]),  # type: ignore[arg-type]
        (lambda: Plan("sous_dotee", "2024"), ["on"]),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_objects_of_contracts_state_the_types_that_they_want(make: Any, fields: list[str]) -> None:
    faults = faults_of(make)
    assert [fault.table.partition(".")[2] for fault in faults] == fields
    assert {fault.code for fault in faults} == {"argument.wrong_type"}


def test_steps_are_logged_without_a_handler(caplog: pytest.LogCaptureFixture) -> None:
    steps: list[str] = []
    with caplog.at_level(logging.INFO, "apl_engine"):
        apl_engine.run(frames(small_world()), RULES, on_step=steps.append)
    assert [record.message for record in caplog.records] == steps
    assert {record.name for record in caplog.records} == {"apl_engine"}
    assert not logging.getLogger("apl_engine").handlers


@pytest.mark.parametrize("order", [[2, 0, 3, 1], [3, 2, 1, 0]])
def test_codes_of_an_enum_in_another_order_are_sorted(order: list[int]) -> None:
    tables = frames(small_world())
    communes = tables["communes"].sort("commune")[order]
    foreign = communes.with_columns(
        pl.col("commune").cast(pl.String).cast(pl.Enum(communes["commune"].cast(pl.String)))
    )
    frame, codes = communes_of(foreign)
    assert frame["commune"].cast(pl.String).is_sorted()
    assert codes.categories.is_sorted()
    bands = tables["consumption"].reverse()
    names = bands["age_band"].cast(pl.String)
    backwards = bands.with_columns(names.cast(pl.Enum(names)))
    assert bands_of(backwards)[0]["fees"].to_list() == bands_of(bands)[0]["fees"].to_list()
    wanted = apl_engine.run(tables, RULES)
    assert (
        apl_engine.run({**tables, "communes": foreign, "consumption": backwards}, RULES) == wanted
    )


def _run_in_child(queue: Any) -> None:
    try:
        apl_engine.run(frames(small_world()), RULES)
    except apl_engine.InputDataError as error:
        queue.put([fault.code for fault in error.faults])


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_after_a_run_is_refused_rather_than_never_to_end() -> None:
    apl_engine.run(frames(small_world()), RULES)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_run_in_child, args=(queue,))
    child.start()
    assert queue.get(timeout=60) == ["argument.forked_process"]
    child.join()
