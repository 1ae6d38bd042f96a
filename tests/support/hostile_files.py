"""Files as they reach a program damaged: bytes and cells changed, by a seed.

What a reader makes of one is compared with what it makes of the file before: it refuses it, reads
the same figures, or others that stand in the file.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pyarrow as pa
import pyarrow.parquet
import xlsxwriter
from support.activity_files import LINES, PEOPLE, RULES, SERVICES, TEXT, write
from support.tables import frames, small_world

from apl_engine import AplError, read_inputs
from apl_engine.imports import import_files
from apl_engine.inputs.contracts import read_contracts
from apl_engine.inputs.scenarios import read_scenarios
from apl_engine.readers.activity.read import read_activity
from apl_engine.readers.coordinates import read_coordinates
from apl_engine.readers.travel_times.read import read_distancier

from .travel_times import CODES

WORLD = frames(small_world())
# Values that a cell of any column may be changed to.
ODD = [
    "", " ", "0", "-0", "-1", "-0.5", "1e5", "1E+05", "1e400", "-1e400", "1e-400", "NaN", "nan",
    "inf", "-inf", "Infinity", "null", "NULL", "None", "NA", "N/A", "#N/A", "#REF!", "#DIV/0!",
    "true", "TRUE", "False", "9223372036854775807", "9223372036854775808", "18446744073709551616",
    "340282366920938463463374607431768211456", "0x10", "1_000", "1 000", "1\u00a0000",
    "1\u202f000", "1'000", "1.000,5", "1,000.5", "1.5", "1,5", "1,", ",5", "+1", "--1", "1-", "٣",
    "１２", "²", "½", "=1+1", "+1+1", "-1+1", "@SUM(1)", "'=1+1", "\t1", "01001", "1001", "01001 ",
    " 01001", "01001.0", "010 01", "0100\u200b1", "01001\u00a0", "01001\u00ad", "\ufeff01001",
    "01001\u202e", "01001\x00", "01001\x07", "2a004", "2A004", "O1OO1", "99999", "2024-02-30",
    "2024-13-01", "0000-00-00", "31/02/2024", "1900-01-00", "45000", "2024-01-01T00:00:00",
    "a;b", '"', 'a"b', '""', '"a;b"', '"open', "a\rb", "a\x0bb", "a\x0cb", "a\x1cb", "a\x85b",
    "a\u2028b", "é", "\ud800", "😀", "x" * 140_000, "{}", "[]", "<a>", "\\", "\\N", "%s", "{0}",
]  # fmt: skip
Table = Any


@dataclass(frozen=True)
class Reader:
    """A reader of files, and a whole file for it.

    Attributes
    ----------
    read : callable
        Takes a path and returns figures that compare.
    text : str
        The file as CSV, its columns separated by semicolons.
    numbers : tuple of str
        Columns that typed files hold as numbers.
    workbook : bool
        Whether it reads workbooks.
    """

    read: Callable[[Path], Table]
    text: str
    numbers: tuple[str, ...] = ()
    workbook: bool = False


def figures(table: pl.DataFrame) -> Table:
    """Return the columns of a table by name, codes as text, rows sorted."""
    enums = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.Enum)]
    table = table.with_columns(pl.col(enums).cast(pl.String))
    return {name: table[name].to_list() for name in table.columns}


def _input(name: str) -> Callable[[Path], Table]:
    def read(path: Path) -> Table:
        tables = read_inputs({**WORLD, name: path}, RULES)
        return figures(getattr(tables, name))

    return read


def _imported(kind: str, table: str, **options: Any) -> Callable[[Path], Table]:
    def read(path: Path) -> Table:
        return figures(import_files(kind, path, RULES, **options).tables[table])

    return read


def _prestations(path: Path) -> Table:
    register = write(_holder(path) / "register.parquet", PEOPLE)
    made = read_activity([path], register, RULES)
    return [figures(table) for table in made.tables.values()]


def _register(path: Path) -> Table:
    prestations = write(_holder(path) / "prestations.parquet", SERVICES)
    made = read_activity([prestations], path, RULES)
    return [figures(table) for table in made.tables.values()]


def _holder(path: Path) -> Path:
    folder = path.parent / "beside"
    folder.mkdir(exist_ok=True)
    return folder


def _csv(frame: pl.DataFrame) -> str:
    return frame.write_csv(separator=";")


READERS = {
    "communes": Reader(_input("communes"), _csv(WORLD["communes"])),
    "practitioners": Reader(
        _input("practitioners"), _csv(WORLD["practitioners"]), ("age", "acts", "fees")
    ),
    "population": Reader(_input("population"), _csv(WORLD["population"]), ("population",)),
    "consumption": Reader(_input("consumption"), _csv(WORLD["consumption"]), ("fees",)),
    "travel_times": Reader(_input("travel_times"), _csv(WORLD["travel_times"]), ("minutes",)),
    "scenarios": Reader(
        lambda path: figures(read_scenarios(path, pl.Series(CODES)).etp),
        "commune;été;b\n01001;1,5;2\n01002;2;0\n", ("été", "b"),
    ),
    "contracts": Reader(
        lambda path: figures(read_contracts(path)),
        "commune;contract;signed\n01001;CACCMK;2024-01-02\n01002;CAMMK;2023-05-06\n",
    ),
    "import distancier": Reader(
        lambda path: figures(
            read_distancier([path], RULES, communes=pl.Series(CODES)).tables["travel_times"]
        ),
        "idSrc;idDst;durée\n01001;01002;9,5\n01002;01001;10,25\n01001;01001;0\n01002;01002;1\n",
        ("durée",),
    ),
    "import activity: prestations": Reader(_prestations, TEXT + "\n".join(LINES) + "\n",
                                           ("month", "age", "acts", "fees")),
    "import activity: register": Reader(
        _register,
        "practitioner_id;birth_date;installation_date;commune\np1;1980-05-01;2010-01-01;01001\n"
        "p2;1957-12-31;2010-01-01;75101\np3;1980-05-01;2022-04-01;01002\n",
    ),
    "import population": Reader(
        _imported("population", "population"),
        "CODGEO;NIVGEO;AGED100;SEXE;NB\n" + "".join(
            f"{code};COM;{age:03d};{sex};{1.5 * age + sex}\n"
            for code in ("01001", "01002") for age in range(101) for sex in (1, 2)
        ),
        ("NB",), workbook=True,
    ),
    "import apl": Reader(
        _imported("apl", "published"),
        "Code commune;Libellé;APL 2021;Population standardisée;Population totale\n"
        "01001;A;44,5;70,25;71\n01002;Î;45,5;80;81\n2A004;C;1;9;10\n",
        ("APL 2021", "Population standardisée", "Population totale"), workbook=True,
    ),
    "import mesh": Reader(
        _imported("mesh", "communes"),
        "CODGEO;LIBGEO;DEP;REG;CV;UU2020;BV2022;PMUN\n01001;A;01;84;0101;01301;01001;40000\n"
        "01002;B;01;84;0102;01301;01001;1000\n01003;C;01;84;0102;01000;01001;300\n"
        "01010;D;01;84;0103;01302;01010;9000\n",
        ("PMUN",), workbook=True,
    ),
    "coordinates": Reader(
        lambda path: figures(read_coordinates(path).tables["places"]),
        "commune;né;lat;lon\n01001;é;46,5;5,5\n01002;x;46,25;5,75\n", ("lat", "lon"),
        workbook=True,
    ),
}  # fmt: skip


# --- forms ---------------------------------------------------------------------------------------


def rows_of(text: str) -> list[list[str]]:
    return [line.split(";") for line in text.removesuffix("\n").split("\n")]


def typed(reader: Reader) -> pl.DataFrame:
    """Return the table with numbers as such."""
    header, *rows = rows_of(reader.text)
    columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
    return pl.DataFrame({
        name: [float(v.replace(",", ".")) for v in values] if name in reader.numbers else values
        for name, values in columns.items()
    })  # fmt: skip


def parquet(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


def arrow(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_ipc(file)
    return file.getvalue()


def stream(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_ipc_stream(file)
    return file.getvalue()


def xlsx(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"nan_inf_to_errors": True}) as book:
        sheet = book.add_worksheet("Données")
        for row, cells in enumerate([frame.columns, *frame.rows()]):
            for column, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(row, column, cell[:30_000])
                elif cell is not None:
                    sheet.write(row, column, cell)
    return file.getvalue()


def ods(frame: pl.DataFrame) -> bytes:
    """Return a workbook of OpenDocument, as small as one can be."""

    def cell(value: Any) -> str:
        if isinstance(value, float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        text = re.sub("[&<>\0-\x08\x0b-\x1f\ud800-\udfff]", "", str(value))
        kind = 'office:value-type="string"'
        return f"<table:table-cell {kind}><text:p>{text}</text:p></table:table-cell>"

    rows = "".join(
        f"<table:table-row>{''.join(map(cell, row))}</table:table-row>"
        for row in [frame.columns, *frame.rows()]
    )
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{spaces}><office:body>'
        f'<office:spreadsheet><table:table table:name="T">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped({
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": _MANIFEST,
        "content.xml": content.encode(),
    })  # fmt: skip


_MANIFEST = (
    b'<?xml version="1.0"?><manifest:manifest '
    b'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
)


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def zstandard(content: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(content, asbytes=True))


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "csv": lambda raw: raw,
    "csv.gz": gzip.compress,
    "csv.zst": zstandard,
    "zip": lambda raw: zipped({"table.csv": raw}),
}
TYPED: dict[str, Callable[[pl.DataFrame], bytes]] = {
    "parquet": parquet, "arrow": arrow, "arrows": stream,
}  # fmt: skip
BOOKS: dict[str, Callable[[pl.DataFrame], bytes]] = {"xlsx": xlsx, "ods": ods}


def forms(reader: Reader) -> list[str]:
    """Return the formats that a reader may take, by the endings of their names."""
    return [*PACKED, *TYPED, *(BOOKS if reader.workbook else ())]


# --- damage --------------------------------------------------------------------------------------


def damaged_bytes(raw: bytes, draw: random.Random) -> tuple[str, bytes]:
    """Return bytes with one place changed, and how."""
    at = draw.randrange(max(1, len(raw)))
    length = min(draw.choice([1, 1, 2, 4, 9, 64, 500]), len(raw) - at)
    kind = draw.choice(["flip", "flip", "overwrite", "cut", "remove", "repeat", "insert", "swap"])
    if kind == "flip":
        return f"flip {at}", raw[:at] + bytes([raw[at] ^ 1 << draw.randrange(8)]) + raw[at + 1 :]
    if kind == "overwrite":
        return f"overwrite {at}+{length}", raw[:at] + draw.randbytes(length) + raw[at + length :]
    if kind == "cut":
        return f"cut {at}", raw[:at]
    if kind == "remove":
        return f"remove {at}+{length}", raw[:at] + raw[at + length :]
    if kind == "repeat":
        return f"repeat {at}+{length}", raw[: at + length] + raw[at:]
    if kind == "insert":
        odd = draw.choice([b"\0", b"\r", b"\n", b'"', b";", b"\xff", b"\xe9", b"\xef\xbb\xbf",
                           b"\xe2\x80\x8b", b"\x1a", b"\xc2\xad", b"\x0c", b"\xe2\x80\xa8",
                           b"\xed\xa0\x80", b"0", b"-", b"."])  # fmt: skip
        return f"insert {odd!r} {at}", raw[:at] + odd + raw[at:]
    other = draw.randrange(len(raw))
    one, two = sorted((at, other))
    swapped = (
        raw[:one] + raw[two : two + 1] + raw[one + 1 : two] + raw[one : one + 1] + raw[two + 1 :]
    )
    return f"swap {one} {two}", swapped


def damaged_text(text: str, draw: random.Random) -> tuple[str, str]:
    """Return CSV with a cell, row, column or name changed, and how."""
    rows = rows_of(text)
    row, column = draw.randrange(len(rows)), draw.randrange(len(rows[0]))
    kind = draw.choice(
        ["cell"] * 12 + ["name", "remove row", "repeat row", "swap cells", "remove column",
                         "repeat column", "swap columns", "shorten row", "lengthen row",
                         "empty row", "quote all", "returns", "cut"]
    )  # fmt: skip
    label = kind
    if kind == "cell" and len(rows) > 1:
        row, odd = draw.randrange(1, len(rows)), draw.choice(ODD)
        label = f"cell {rows[0][column]} {rows[row][column]!r} -> {odd[:40]!r}"
        rows[row][column] = odd
    elif kind == "name":
        odd = draw.choice([*ODD, rows[0][0], rows[0][column].upper(), f"\ufeff{rows[0][column]}"])
        label = f"name {rows[0][column]} -> {odd[:40]!r}"
        rows[0][column] = odd
    elif kind == "remove row":
        del rows[row]
    elif kind == "repeat row":
        rows.append(rows[row])
    elif kind == "swap cells":
        other, there = draw.randrange(len(rows)), draw.randrange(len(rows[0]))
        rows[row][column], rows[other][there] = rows[other][there], rows[row][column]
        label = f"swap cells {row},{column} {other},{there}"
    elif kind == "remove column":
        label = f"remove column {rows[0][column]}"
        rows = [[*r[:column], *r[column + 1 :]] for r in rows]
    elif kind == "repeat column":
        label = f"repeat column {rows[0][column]}"
        rows = [[*r, r[column]] for r in rows]
    elif kind == "swap columns":
        rows = [[*r[:column], *r[column + 1 :], r[column]] for r in rows]
    elif kind == "shorten row":
        rows[row] = rows[row][:-1]
    elif kind == "lengthen row":
        rows[row] = [*rows[row], "1"]
    elif kind == "empty row":
        rows.insert(row, [""] * draw.choice([1, len(rows[0])]))
    elif kind == "quote all":
        rows = [[f'"{cell}"' for cell in r] for r in rows]
    changed = "\n".join(map(";".join, rows)) + "\n"
    if kind == "returns":
        return label, changed.replace("\n", draw.choice(["\r", "\r\n", "\n\r", "\n\n"]))
    if kind == "cut":
        at = draw.randrange(len(changed))
        return f"cut {at}", changed[:at]
    return label, changed


_TYPES: list[Any] = [
    pl.Int8, pl.UInt8, pl.Int64, pl.UInt64, pl.Float32, pl.Decimal(10, 2), pl.String, pl.Boolean,
    pl.Categorical, pl.Date, pl.Datetime, pl.Duration, pl.Time, pl.Binary, pl.List(pl.Float64),
    pl.Struct({"a": pl.Float64}), pl.Int128, pl.Null,
]  # fmt: skip
_NUMBERS: list[Any] = [
    float("nan"), float("inf"), float("-inf"), -0.0, -1.0, -0.5, 1e308, -1e308, 5e-324, 2.0**53,
    2.0**63, 1e19, 0.1, 0.0, None, 1001.0, 200_000.0,
]  # fmt: skip


def damaged_frame(frame: pl.DataFrame, draw: random.Random) -> tuple[str, pl.DataFrame]:
    """Return a table with a cell, type, column or row changed, and how."""
    name, row = draw.choice(frame.columns), draw.randrange(frame.height)
    kind = draw.choice(["cell"] * 6 + ["type"] * 4 + ["rename", "drop", "repeat", "empty", "null"])
    if kind == "cell":
        values = frame[name].to_list()
        odd = draw.choice(_NUMBERS if frame.schema[name] == pl.Float64 else [*ODD, None])
        if isinstance(odd, str):
            odd = odd.encode("utf-8", "replace").decode()
        label = f"cell {name} {values[row]!r} -> {str(odd)[:40]!r}"
        values[row] = odd
        column = pl.Series(name, values, dtype=frame.schema[name], strict=False)
        return label, frame.with_columns(column)
    if kind == "type":
        dtype = draw.choice(_TYPES)
        try:
            column = frame[name].cast(dtype, strict=draw.random() < 0.3)
        except pl.exceptions.PolarsError:
            column = pl.Series(name, [None] * frame.height, dtype=dtype)
        return f"type {name} {dtype}", frame.with_columns(column)
    if kind == "rename":
        odd = draw.choice(ODD).encode("utf-8", "replace").decode()
        odd = odd if odd not in frame.columns else "other"
        return f"rename {name} -> {odd[:40]!r}", frame.rename({name: odd})
    if kind == "drop":
        return f"drop {name}", frame.drop(name)
    if kind == "repeat":
        return f"repeat row {row}", pl.concat([frame, frame[row : row + 1]])
    if kind == "empty":
        return "no rows", frame.clear()
    return f"null {name}", frame.with_columns(pl.lit(None).alias(name))


def damaged_member(raw: bytes, draw: random.Random) -> tuple[str, bytes]:
    """Return a zip with one member changed, its check values right."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = draw.choice(sorted(members))
    label, members[name] = damaged_bytes(members[name], draw)
    return f"{name}: {label}", zipped(members)


def damaged(reader: Reader, form: str, draw: random.Random) -> tuple[str, bytes]:
    """Return a damaged file of a reader, and how it differs from the whole one."""
    if form in PACKED:
        if draw.random() < 0.65:
            label, text = damaged_text(reader.text, draw)
            encoding = draw.choice(["utf-8", "utf-8", "utf-8", "cp1252", "utf-16", "utf-8-sig"])
            if encoding != "utf-8":
                label += f" ({encoding})"
            errors = "surrogatepass" if encoding != "cp1252" else "replace"
            return label, PACKED[form](text.encode(encoding, errors))
        inside = draw.random() < 0.5
        raw = reader.text.encode()
        label, raw = damaged_bytes(raw if inside else PACKED[form](raw), draw)
        return label, PACKED[form](raw) if inside else raw
    make = TYPED.get(form) or BOOKS[form]
    if draw.random() < 0.5:
        label, frame = damaged_frame(typed(reader), draw)
        try:
            return label, make(frame)
        except Exception:  # what these libraries cannot write
            return "whole", make(typed(reader))
    whole = make(typed(reader))
    inside = form in BOOKS and draw.random() < 0.5
    return damaged_member(whole, draw) if inside else damaged_bytes(whole, draw)


# --- campaign ------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What a reader made of a damaged file."""

    reader: str
    form: str
    seed: int
    damage: str
    kind: str
    said: str = ""
    figures: Any = field(default=None, repr=False)


def outcome(name: str, form: str, seed: int, folder: Path, whole: Table) -> Outcome:
    """Read one damaged file; any error that is not foreseen is raised."""
    reader, draw = READERS[name], random.Random(f"{name} {form} {seed}")
    label, raw = damaged(reader, form, draw)
    path = folder / f"t.{form}"
    path.write_bytes(raw)
    try:
        found = reader.read(path)
    except AplError as error:
        return Outcome(name, form, seed, label, "refused", words_of(error))
    kind = "same"
    if repr(found) != repr(whole):
        kind = "other" if _or_unread(reader, form, raw) else "unexplained"
    return Outcome(name, form, seed, label, kind, figures=found)


def words_of(error: AplError) -> str:
    """Return what an error says; it can be shown, and written as JSON."""
    words = str(error)
    assert error.faults
    assert words.encode()
    for fault in error.faults:
        assert json.dumps(fault.as_dict())
    return words


def whole_figures(name: str, form: str, folder: Path) -> Table:
    """Return what a reader makes of the whole file."""
    reader = READERS[name]
    path = folder / f"t.{form}"
    path.write_bytes(whole_file(reader, form))
    return reader.read(path)


def campaign(seeds: range, folder: Path) -> Iterator[Outcome]:
    """Yield the outcome of each seed, over all readers and formats."""
    pairs = [(name, form) for name, reader in READERS.items() for form in forms(reader)]
    wholes: dict[tuple[str, str], Table] = {}
    for seed in seeds:
        name, form = pairs[seed % len(pairs)]
        if (name, form) not in wholes:
            wholes[name, form] = whole_figures(name, form, folder)
        yield outcome(name, form, seed, folder, wholes[name, form])


# --- what stands in a file, by other libraries ---------------------------------------------------


def cells(form: str, raw: bytes) -> Any:
    """Return the cells of a file as text, read by none of this package's readers."""
    if form in BOOKS:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        # Every text and attribute of what holds cells; a comment or another order is none.
        return {
            name: [
                (e.tag, e.text, sorted(e.attrib.items()))
                for e in ElementTree.fromstring(part).iter()
            ]
            for name, part in parts.items()
            if re.search(r"sheet|sharedStrings|workbook|content\.xml|styles", name)
            and name.endswith((".xml", ".rels"))
        }
    if form == "parquet":
        return _arrow_cells(pa.parquet.read_table(io.BytesIO(raw)))
    if form == "arrow":
        return _arrow_cells(pa.ipc.open_file(raw).read_all())
    if form == "arrows":
        return _arrow_cells(pa.ipc.open_stream(raw).read_all())
    text = _decoded(_unpacked(form, raw))
    separator = max(";,\t", key=text.partition("\n")[0].count)
    csv.field_size_limit(10**9)
    return [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(row)]


def _unpacked(form: str, raw: bytes) -> bytes:
    if form == "csv.gz":
        return gzip.decompress(raw)
    if form == "csv.zst":
        return pa.input_stream(pa.BufferReader(raw), compression="zstd").read()
    if form == "zip":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return b"".join(archive.read(name) for name in archive.namelist())
    return raw


def _decoded(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _arrow_cells(table: Any) -> Any:
    return [(name, repr(table.column(k).to_pylist())) for k, name in enumerate(table.column_names)]


def whole_file(reader: Reader, form: str) -> bytes:
    """Return the whole file of a reader."""
    if form in PACKED:
        return PACKED[form](reader.text.encode())
    return (TYPED.get(form) or BOOKS[form])(typed(reader))


def _or_unread(reader: Reader, form: str, raw: bytes) -> bool:
    try:
        return stands_there(reader, form, raw)
    except Exception:  # what another library cannot read explains nothing
        return False


def stands_there(reader: Reader, form: str, raw: bytes) -> bool:
    """Return whether another library too reads other cells from a damaged file."""
    return bool(cells(form, raw) != cells(form, whole_file(reader, form)))
