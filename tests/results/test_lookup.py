"""Communes and territories looked up by code: similar ones are named if there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from support.tables import SAMPLES

from apl_engine import InputDataError, StoredResult, read_result, run, write_result
from apl_engine.results.lookup import find_place


@pytest.fixture(scope="module")
def zones(tmp_path_factory: pytest.TempPathFactory) -> StoredResult:
    folder: Path = tmp_path_factory.mktemp("lookup") / "out"
    write_result(run(SAMPLES / "pays-de-la-loire"), folder)
    return read_result(folder)


def refusal(zones: StoredResult, code: str) -> str:
    with pytest.raises(InputDataError) as caught:
        find_place(zones, code)
    (fault,) = caught.value.faults
    assert fault.table == "code"
    return str(fault)


@pytest.mark.parametrize(
    ("code", "similar"),
    [
        ("Laval", "53130 Laval"),
        ("château gontier", "53062 Château-Gontier-sur-Mayenne"),
        ("zzzz", "zzzz"),
        ("75056", "arrondissement"),
    ],
)
def test_unknown_codes_name_similar_ones(zones: StoredResult, code: str, similar: str) -> None:
    assert similar in refusal(zones, code)


def test_a_code_in_lower_case_is_suggested_in_upper_case(zones: StoredResult) -> None:
    corse = replace(
        zones,
        communes=zones.communes.with_columns(commune=pl.col("commune").replace("53130", "2A004")),
    )
    assert "2A004" in refusal(corse, "2a004")


def test_a_long_code_is_shortened(zones: StoredResult) -> None:
    assert len(refusal(zones, "9" * 5000)) < 400
