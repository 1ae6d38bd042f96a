"""Communes by territory in the layouts of CNAM, DREES and the regional agencies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ...inputs.imported import Imported
from ...inputs.tables import stamp_of
from ..common.cells import read_cells
from ..common.headers import Field, Layout
from ..common.issues import Issues, raise_faults
from ..common.match import Named, find, only

COMMUNE = Field(
    "commune",
    (
        r"^depcom$",
        r"^codgeo$",
        r"^code_(?:insee_|de_la_)?(?:com(?:mune)?|insee)",
        r"^com(?:mune)?_code",
        r"^insee",
        r"^com(?:mune)?$",
    ),
    "code",
)
NAME = Field(
    "name",
    (
        r"^libcom$",
        r"^libgeo$",
        r"^(?:nom|libelle)_(?:de_la_)?com",
        r"^com(?:mune)?_(?:nom|lib)",
        # Beside a code of the commune.
        r"^communes?$",
    ),
    required=False,
)
TERRITORY = Field(
    "territory",
    (
        r"^(?:code_)?bvcv(?:_code)?$",
        r"^(?:code_)?bvcv\d{4}$",
        r"^bv_?cv",
        r"^agr$",
        r"^code_(?:du_)?(?:bassin|pseudo)",
    ),
    usual="BVCV",
)
TERRITORY_NAME = Field(
    "territory_name",
    (
        r"^libbvcv$",
        r"^(?:nom|libelle)_(?:du_)?(?:bassin|pseudo)",
        r"^(?:nom|libelle|lib)_?(?:du_)?bvcv",
        r"^bvcv_(?:nom|lib)",
        r"^libagr$",
    ),
    required=False,
)
DEPARTEMENT = Field("departement", (r"^dep$", r"^departement$"), required=False)
REGION = Field("region", (r"^reg$", r"^(?:code_)?region$", r"^code_reg"), required=False)
COMPOSITION = Layout(
    "communes by territory (CNAM, DREES, regional agency)",
    (COMMUNE, NAME, TERRITORY, TERRITORY_NAME, DEPARTEMENT, REGION),
)
_COLUMNS = ("commune", "name", "departement", "region", "territory", "territory_name")


def read_territories(path: Path, *, columns: Named = None, vintage: int | None = None) -> Imported:
    """Read the communes of each territory; `read_zoning` reads classes.

    Codes of cantons-ou-villes are padded to five characters (``0708_``), as in files of DREES and
    in the mesh; zeros that a spreadsheet dropped are restored if the communes of the territory
    leave no doubt.

    Parameters
    ----------
    path : Path
        Workbook or CSV file of CNAM, DREES or an agency: a commune and its territory per row.
    columns : mapping of str to str, optional
        Columns that are not recognised, by field.
    vintage : int, optional
        Year of the geography.

    Returns
    -------
    Imported
        Of kind ``territories``, with the table ``attribution``: ``commune``, ``name``,
        ``departement``, ``region``, ``territory``, ``territory_name``; null if the file does not
        give it.

    Raises
    ------
    InputDataError
        The file has no such columns, or values are not codes.
    """
    issues = Issues(path.name)
    matched = only(find(path, (COMPOSITION,), columns), issues)
    frame = read_cells(matched, issues)
    issues.fault_duplicates(frame, ["commune"], matched.names)
    frame = territory_codes(frame, matched.names["territory"], issues)
    raise_faults(issues.faults)
    tables = {"attribution": with_columns_of(frame, _COLUMNS).sort("commune")}
    notes, stamps = tuple(issues.notes), (stamp_of(path),)
    return Imported("territories", tables, matched.description, vintage, notes, stamps)


def with_columns_of(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return some columns of a table; those that it lacks are null."""
    lacking = (pl.lit(None, pl.String).alias(name) for name in names if name not in frame.columns)
    return frame.with_columns(lacking).select(names)


def territory_codes(frame: pl.DataFrame, column: str, issues: Issues) -> pl.DataFrame:
    """Give codes of territories five characters, those of cantons with _ at their end.

    Parameters
    ----------
    frame : pl.DataFrame
        ``row``, ``territory``, ``commune`` (null if the file does not give it).
    column : str
        What the file calls the territory.
    issues : Issues
        Receives the faults and notes.
    """
    territory = pl.col("territory")
    upper = territory.fill_null("").str.to_uppercase()
    code = upper.str.replace(r"\.0$", "")
    bare, marked = code.str.strip_chars_end("_"), code.str.ends_with("_")
    table = frame.with_columns(given=territory, upper=upper, territory=bare, marked=marked)
    width = territory.str.len_chars()
    # Four digits: a canton-ou-ville, or a bassin de vie that lost its zero.
    unclear = territory.str.contains(r"^[1-9]\d{3}$")
    padded = table["marked"].any()
    lost = unclear & (~pl.col("marked") if padded else _mostly_in_departement())
    short = territory.str.contains(r"^\d{3}$")
    padded_code = pl.when(lost | short).then("0" + territory).otherwise(territory)
    table = table.with_columns(territory=padded_code)
    canton = (width == 4) | pl.col("marked")
    table = table.with_columns(territory=pl.when(canton).then(territory + "_").otherwise(territory))
    changed = table.filter(territory != pl.col("upper"))
    issues.note("drees.territory_codes", changed["given"], of=table.height, column=column)
    valid = territory.str.contains(r"^(?:\d{2}|2[AB])[0-9A-Z]{2,3}_?$")
    of = ("code", table.height)
    issues.fault_rows("drees.not_a_territory_code", column, table.filter(~valid), "given", of)
    return table.drop("given", "upper", "marked")


def _mostly_in_departement() -> pl.Expr:
    """Return whether most communes of a territory lie in the departement of the longer code."""
    departement = "0" + pl.col("territory").str.slice(0, 1)
    inside = pl.col("commune").str.slice(0, 2) == departement
    return inside.fill_null(False).mean().over("territory") > 0.5
