"""Arrow files that lack bytes, which Polars reads as other numbers."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import feather
from support.tables import frames, methodology, small_world

from apl_engine import InputDataError, read_inputs
from apl_engine.inputs.arrow_file import is_whole

FRAMES = [
    pl.DataFrame({"a": [1.0, 2.0, None], "b": ["x", "y", "x"]}),
    pl.DataFrame({"a": [1.0], "b": ["x"]}, schema_overrides={"b": pl.Categorical}),
    pl.DataFrame(schema={"a": pl.Float64}),
]


def write_stream(frame: pl.DataFrame, path: Path) -> None:
    table = frame.to_arrow()
    with pa.ipc.new_stream(str(path), table.schema) as writer:
        writer.write_table(table, 2)


WRITERS = {
    "file": lambda frame, path: frame.write_ipc(path),
    "stream": lambda frame, path: frame.write_ipc_stream(path),
    "compressed": lambda frame, path: frame.write_ipc(path, compression="zstd"),
    "sink": lambda frame, path: frame.lazy().sink_ipc(path),
    "feather": lambda frame, path: feather.write_feather(frame.to_arrow(), path),
    "stream of pyarrow": write_stream,
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("frame", FRAMES, ids=["columns", "categories", "no rows"])
def test_whole_files_are_whole_and_cut_ones_are_not(
    tmp_path: Path, writer: str, frame: pl.DataFrame
) -> None:
    path = tmp_path / "t.arrow"
    WRITERS[writer](frame, path)
    assert is_whole(path)
    raw = path.read_bytes()
    for end in range(len(raw)):
        path.write_bytes(raw[:end])
        assert not is_whole(path)


@pytest.mark.parametrize("writer", ["file", "stream"])
def test_a_table_that_lacks_bytes_within_a_column_is_refused(tmp_path: Path, writer: str) -> None:
    world, path = frames(small_world()), tmp_path / "population.arrow"
    WRITERS[writer](world["population"], path)
    raw = path.read_bytes()
    at = raw.index(pl.Series([200.0, 210.0]).to_numpy().tobytes())
    for length in (1, 8, 9):
        path.write_bytes(raw[:at] + raw[at + length :])
        with pytest.raises(InputDataError) as caught:
            read_inputs({**world, "population": path}, methodology())
        assert caught.value.faults[0].code == "source_file.arrow_not_whole"
