from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from support.tables import frames, small_world

from apl_engine.disclosure_control import publish
from apl_engine.inputs.samples import SAMPLES, sample_folder, sample_of
from apl_engine.inputs.tables import stamp_of
from apl_engine.method.result import Result
from apl_engine.results.read import read_result
from apl_engine.results.record import make_record
from apl_engine.results.samples import is_fictitious
from apl_engine.results.write import write_result
from apl_engine.runs.run import run


def entry(table: str, sample: str) -> dict[str, object]:
    path = sample_folder(sample) / f"{table}.parquet"
    return {"table": table, "format": "Parquet", "sha256": stamp_of(path).sha256}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A result of tables of files that are of no sample."""
    folder = tmp_path_factory.mktemp("own")
    for name, frame in frames(small_world()).items():
        frame.write_parquet(folder / f"{name}.parquet")
    return run(folder)


def of_sample(result: Result, *tables: str) -> Result:
    """Return a result as if some of its tables had been those of a sample."""
    return replace(
        result,
        inputs=tuple(
            entry(one["table"], SAMPLES[1]) if one["table"] in tables else one
            for one in result.inputs
        ),
    )


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("table", ["practitioners", "consumption"])
def test_a_table_of_a_sample_is_recognised_by_its_digest(table: str, sample: str) -> None:
    assert sample_of(entry(table, sample)) == sample
    assert sample_of({**entry(table, sample), "sha256": "0" * 64}) is None
    assert sample_of({"table": table, "format": "frame"}) is None


def test_practitioners_of_a_sample_are_fictitious(own: Result) -> None:
    assert not is_fictitious(own)
    assert not is_fictitious(of_sample(own, "consumption", "travel_times"))
    assert is_fictitious(of_sample(own, "practitioners"))


def test_tables_in_memory_are_of_no_known_origin() -> None:
    assert not is_fictitious(run(frames(small_world())))


def test_it_is_known_of_a_publication_too(own: Result, tmp_path: Path) -> None:
    for name, result in (("own", own), ("sample", of_sample(own, "practitioners"))):
        published = publish(result, min_practitioners=2)
        assert is_fictitious(published) == (name == "sample")
        write_result(published, tmp_path / name)
        assert is_fictitious(read_result(tmp_path / name)) == (name == "sample")
    record = make_record(publish(of_sample(own, "practitioners"), min_practitioners=2))
    (practitioners,) = (one for one in record["inputs"] if one["table"] == "practitioners")
    assert practitioners["sample"] == SAMPLES[1]
    assert "sha256" not in practitioners


def test_a_publication_without_the_mark_is_known_by_its_consumption(
    own: Result, tmp_path: Path
) -> None:
    write_result(publish(own, min_practitioners=2), tmp_path / "zones")
    stored = read_result(tmp_path / "zones")
    assert not is_fictitious(stored)
    inputs = [
        entry("consumption", SAMPLES[0]) if one["table"] == "consumption" else one
        for one in stored.record["inputs"]
    ]
    assert is_fictitious(replace(stored, record={**stored.record, "inputs": inputs}))


def test_an_apl_of_others_is_not_fictitious(own: Result) -> None:
    assert not is_fictitious(replace(own, inputs=()))


def test_the_samples_are_there() -> None:
    for sample in SAMPLES:
        assert pl.read_parquet_schema(sample_folder(sample) / "practitioners.parquet")
