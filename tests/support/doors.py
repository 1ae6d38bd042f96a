"""One matrix of travel times in many layouts, and every way that it can take to a result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
from hypothesis import strategies as st

from apl_engine import InputDataError, Result, check, run
from apl_engine.imports import communes_in, import_files
from apl_engine.methodology import load_methodology
from apl_engine.networks import prepare_network, save_network

from .command import apl
from .tables import BANDS, World, commune, frames, practitioner

RULES = load_methodology("mk-2024")
CODES = ["01001", "01002", "2A004", "38001", "56087"]
#: a grid of communes that makes a few wrong rows few
GRID = [f"38{k:03d}" for k in range(100, 111)]

Cell = str | None
Rows = list[tuple[Cell, Cell, Cell]]
#: What a door gives: the tables of the result, or the kinds of the faults.
Outcome = tuple[pl.DataFrame, ...] | frozenset[str]

TIMES = ["0", "3", "9.5", "10", "12.25", "15", "20", "20.5", "45", "2147483647"]
NO_TIMES = [None, "NaN", "nan", "NA", "N/A", "null", "NULL", "None", "-999999", "-999999.0"]
WRONG_TIMES = ["abc", "-3", "inf", "12 min"]
ODD_CODES = ["1001", " 01002", "2a004", "38001.0", "99999", "60694", "Lyon", "NA", None]


@st.composite
def matrices(draw: st.DrawFn) -> Rows:
    """Draw rows of a matrix: most are right, some without a time, few wrong."""
    codes = st.sampled_from(CODES)
    odd_codes = draw(st.booleans())
    code = codes | st.sampled_from(ODD_CODES) if odd_codes else codes
    time = st.sampled_from(TIMES)
    if draw(st.booleans()):
        time |= st.sampled_from(NO_TIMES)
    if draw(st.integers(0, 5)) == 0:
        time |= st.sampled_from(WRONG_TIMES)
    if draw(st.integers(0, 7)) == 0:
        time = st.just("0")
    rows = st.tuples(code, code, time)
    key = None if draw(st.booleans()) else (lambda row: row[:2])
    drawn = draw(st.lists(rows, min_size=1, max_size=14, unique_by=key))
    if draw(st.integers(0, 3)) == 0:
        drawn.append((None, None, None))
    if draw(st.integers(0, 3)) == 0:
        some = draw(st.sampled_from(["5", "0", "25"]))
        drawn += [(one, two, some if one != two else "0") for one in GRID for two in GRID]
    return drawn


def country() -> World:
    """Return the other tables: every commune has inhabitants, and some practitioners."""
    codes = [*CODES, *GRID]
    return {
        "practitioners": [
            practitioner(f"p{k}", code, acts=3000 + 100 * k) for k, code in enumerate(codes[:7])
        ],
        "population": [
            {"commune": code, "age_band": band, "population": 100.0 + 10 * k + b}
            for k, code in enumerate(codes)
            for b, band in enumerate(BANDS)
        ],
        "consumption": [{"age_band": band, "fees": 1000.0} for band in BANDS],
        "communes": [commune(code, "84", f"T{k % 5}") for k, code in enumerate(codes)],
    }


# --- layouts -------------------------------------------------------------------------------------


def text_of(rows: Rows) -> pl.DataFrame:
    names = ["origin", "destination", "minutes"]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def typed(rows: Rows) -> pl.DataFrame:
    """Return times as numbers, and all codes as numbers if they are."""
    frame = text_of(rows)
    times = {cell: _number(cell) for _, _, cell in rows}
    numbers = pl.Series([times[cell] for _, _, cell in rows], dtype=pl.Float64)
    return frame.with_columns(minutes=numbers)


def _number(cell: Cell) -> float | None:
    if cell in NO_TIMES:
        return None if cell in (None, "NA") else float("nan") if "9" not in cell else -999999.0
    assert cell is not None
    return float(cell)


def are_numbers(rows: Rows) -> bool:
    return not any(cell in ("abc", "12 min") for _, _, cell in rows)


def csv(separator: str, comma: bool = False) -> Callable[[Rows, Path], Path]:
    def write(rows: Rows, folder: Path) -> Path:
        frame = text_of(rows)
        if comma:
            frame = frame.with_columns(pl.col("minutes").str.replace(".", ",", literal=True))
        frame.write_csv(folder / "travel_times.csv", separator=separator)
        return folder / "travel_times.csv"

    return write


def quoted(rows: Rows, folder: Path) -> Path:
    path = folder / "travel_times.csv"
    text_of(rows).write_csv(path, quote_style="non_numeric")
    return path


def gzipped(rows: Rows, folder: Path) -> Path:
    path = folder / "travel_times.csv.gz"
    text_of(rows).write_csv(path, compression="gzip")
    return path


def parquet_text(rows: Rows, folder: Path) -> Path:
    text_of(rows).write_parquet(folder / "travel_times.parquet")
    return folder / "travel_times.parquet"


def parquet(rows: Rows, folder: Path) -> Path:
    typed(rows).write_parquet(folder / "travel_times.parquet")
    return folder / "travel_times.parquet"


def parquet_numbers(rows: Rows, folder: Path) -> Path:
    typed(rows).with_columns(pl.col("origin", "destination").cast(pl.Int64)).write_parquet(
        folder / "travel_times.parquet"
    )
    return folder / "travel_times.parquet"


def arrow(rows: Rows, folder: Path) -> Path:
    typed(rows).write_ipc(folder / "travel_times.arrow")
    return folder / "travel_times.arrow"


def categories(rows: Rows, folder: Path) -> Path:
    frame = typed(rows).with_columns(pl.col("origin", "destination").cast(pl.Categorical))
    frame.write_parquet(folder / "travel_times.parquet")
    return folder / "travel_times.parquet"


def wide(rows: Rows, folder: Path) -> Path:
    """Write a row for each origin and a column for each destination."""
    times = {(one, two): time for one, two, time in rows if (one, two) != (None, None)}
    origins = list(dict.fromkeys(one for one, _ in times))
    destinations = list(dict.fromkeys([*(two for _, two in times), "01001", "01002"]))
    lines = [",".join(["", *map(str, destinations)])]
    lines += [",".join([str(one), *(times.get((one, two)) or "" for two in destinations)])
              for one in origins]  # fmt: skip
    path = folder / "square.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def wide_parquet(rows: Rows, folder: Path) -> Path:
    path = wide(rows, folder)
    frame = pl.read_csv(path, infer_schema=False).rename({"": "id"})
    frame.write_parquet(folder / "square.parquet")
    path.unlink()
    return folder / "square.parquet"


LONG = {
    "csv": csv(","),
    "csv ;": csv(";"),
    "csv ; and decimal comma": csv(";", comma=True),
    "csv in quotes": quoted,
    "csv.gz": gzipped,
    "parquet of text": parquet_text,
    "parquet": parquet,
    "parquet of numbers": parquet_numbers,
    "parquet of categories": categories,
    "arrow": arrow,
}
WIDE = {"square": wide, "square parquet": wide_parquet}


def layouts(rows: Rows) -> list[str]:
    """Return the layouts that rows can have."""
    codes = [code for row in rows for code in row[:2]]
    fitting = [
        name for name in LONG if are_numbers(rows) or name.startswith(("csv", "parquet of t"))
    ]
    if not all(code is None or code.isdigit() for code in codes):
        fitting = [name for name in fitting if name != "parquet of numbers"]
    pairs = [row[:2] for row in rows]
    squared = all(code and code.strip().isalnum() and code[0].isdigit() for code in codes)
    if squared and len(set(pairs)) == len(pairs):
        fitting += WIDE
    return fitting


def write_layout(name: str, rows: Rows, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return (LONG | WIDE)[name](rows, folder)


# --- doors ---------------------------------------------------------------------------------------


def tables_of(result: Result) -> tuple[pl.DataFrame, ...]:
    return result.communes, result.territories, result.regions


def outcome(action: Callable[[], Result]) -> Outcome:
    """Return the tables of a result, or the kinds of the faults for which it is refused."""
    try:
        return tables_of(action())
    except InputDataError as error:
        # All of them must have their words.
        _ = str(error)
        return frozenset(fault.code.partition(".")[2] for fault in error.faults)


def write_others(folder: Path, communes: str = "csv") -> Path:
    """Write all tables but the travel times."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames(country()).items():
        if name == "communes" and communes == "parquet":
            frame.write_parquet(folder / f"{name}.parquet")
        else:
            frame.write_csv(folder / f"{name}.csv")
    return folder


def directly(folder: Path, file: Path) -> Result:
    return run(folder)


def checked(folder: Path, file: Path) -> Result:
    check(folder)
    return run(folder)


def as_frames(folder: Path, file: Path) -> Result:
    return run({**frames(country()), "travel_times": _frame(file)})


def _frame(file: Path) -> pl.DataFrame:
    if file.suffix in (".parquet", ".arrow"):
        return (pl.read_parquet if file.suffix == ".parquet" else pl.read_ipc)(file)
    read = pl.read_csv(file, infer_schema=False, separator="\n", quote_char=None)
    if ";" not in read.columns[0]:
        return pl.read_csv(file, infer_schema=False)
    read = pl.read_csv(file, infer_schema=False, separator=";")
    return read.with_columns(pl.col("minutes").str.replace(",", ".", literal=True))


def imported(folder: Path, file: Path) -> Result:
    """By the readers, with the communes of the folder."""
    known = communes_in(folder)
    assert known is not None
    made = import_files("distancier", [file], RULES, communes=known["commune"], unit="minutes")
    return run({**frames(country()), "travel_times": made.tables["travel_times"]})


def run_file(folder: Path, file: Path) -> Result:
    others = [f'{path.stem} = "{path.name}"' for path in folder.iterdir()
              if path.stem in country()]  # fmt: skip
    text = f'[distancier]\nfiles = ["{file}"]\nunit = "minutes"\n[tables]\n' + "\n".join(others)
    (folder / "run.toml").write_text(text)
    return run(folder / "run.toml")


def prepared(folder: Path, file: Path) -> Result:
    """By a network that is built from the table, and read again."""
    network = folder.parent / "n.aplnet"
    save_network(prepare_network(folder), network, replace=True)
    return run(folder, network=network)


def prepared_of_import(folder: Path, file: Path) -> Result:
    known = communes_in(folder)
    assert known is not None
    made = import_files("distancier", [file], RULES, communes=known["commune"], unit="minutes")
    network = prepare_network(made.tables["travel_times"], known)
    return run(frames(country()), network=network)


def of_tables(folder: Path, file: Path) -> Outcome:
    """By the commands `apl check` and `apl run`."""
    return _command(folder, folder.parent / "out")


def of_imports(folder: Path, file: Path) -> Outcome:
    """By the commands `apl import`, `apl check` and `apl run`."""
    target = write_others(folder.parent / "imported", "parquet")
    done = apl(
        "import", "distancier", file, "--unit", "minutes", "-o", target, "--replace", "--json"
    )
    if done.returncode:
        return _kinds(done.codes)
    return _command(target, folder.parent / "out")


def _command(folder: Path, out: Path) -> Outcome:
    looked_at = apl("check", folder, "--json")
    done = apl("run", folder, "-o", out, "--replace", "--json")
    assert looked_at.returncode == done.returncode
    if done.returncode:
        assert looked_at.codes == done.codes
        return _kinds(done.codes)
    return tuple(pl.read_parquet(out / f"{name}.parquet")
                 for name in ("communes", "territories", "regions"))  # fmt: skip


def _kinds(codes: list[str]) -> frozenset[str]:
    return frozenset(code.partition(".")[2] for code in codes)


#: Doors for a table travel_times, and for any matrix.
TABLE_DOORS = {"run": directly, "check": checked, "frames": as_frames, "network": prepared}
MATRIX_DOORS = {"import": imported, "run file": run_file, "network of import": prepared_of_import}
COMMANDS = {"apl run": of_tables, "apl import": of_imports}


def doors(layout: str) -> list[str]:
    return [*(TABLE_DOORS if layout in LONG else ()), *MATRIX_DOORS]


def enter(door: str, layout: str, rows: Rows, folder: Path, communes: str = "csv") -> Outcome:
    """Return what a door gives for a matrix in a layout."""
    inputs = write_others(folder / "in", communes)
    file = write_layout(layout, rows, inputs if layout in LONG else folder / "files")
    if door in COMMANDS:
        return COMMANDS[door](inputs, file)
    if door in MATRIX_DOORS and layout in LONG:
        file = file.rename(folder / file.name)
    return outcome(lambda: (TABLE_DOORS | MATRIX_DOORS)[door](inputs, file))


def differ(one: Outcome, two: Outcome) -> bool:
    if isinstance(one, frozenset) or isinstance(two, frozenset):
        return one != two
    return any(not a.equals(b) for a, b in zip(one, two, strict=True))
