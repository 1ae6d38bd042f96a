"""Territories and their classes in the layouts of CNAM, DREES and the regional agencies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from ...inputs.imported import Imported
from ...inputs.names import plain
from ...inputs.tables import stamp_of
from ...methodology.model import Methodology
from ..common.cells import read_cells
from ..common.headers import Field, Layout
from ..common.issues import Issues, raise_faults
from ..common.match import find, only

_COMMUNE = Field(
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
_NAME = Field(
    "name",
    (r"^libcom$", r"^libgeo$", r"^(?:nom|libelle)_(?:de_la_)?com", r"^com(?:mune)?_(?:nom|lib)"),
    required=False,
)
_TERRITORY = Field(
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
_TERRITORY_NAME = Field(
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
_REGION = Field("region", (r"^reg$", r"^(?:code_)?region$", r"^code_reg"), required=False)
_ZONE = (r"^zonage_nat", r"^zonage", r"^class(?:e|ement)", r"^zone$", r"^categorie", r"^picked")
COMPOSITION = Layout(
    "communes by territory (CNAM, DREES, regional agency)",
    (
        _COMMUNE,
        _NAME,
        _TERRITORY,
        _TERRITORY_NAME,
        Field("departement", (r"^dep$", r"^departement$"), required=False),
        _REGION,
        Field("zone", _ZONE, required=False),
    ),
)
CLASSES = Layout(
    "class of each territory (regional agency)",
    (_TERRITORY, _TERRITORY_NAME, _REGION, Field("zone", _ZONE, usual="Zonage")),
)
BY_COMMUNE = Layout(
    "class of each commune (free layout)", (_COMMUNE, _NAME, Field("zone", _ZONE, usual="Zonage"))
)
_COLUMNS = ("commune", "name", "departement", "region", "territory", "territory_name", "zone")


def read_territories(
    path: Path,
    rules: Methodology,
    *,
    columns: Mapping[str, str] | None = None,
    vintage: int | None = None,
) -> Imported:
    """Read the communes of each territory, and the class that an agency has given it.

    Codes of cantons-ou-villes are padded to five characters (``0708_``), as in files of DREES and
    in the mesh; zeros that a spreadsheet dropped are restored if the communes of the territory
    leave no doubt.

    Parameters
    ----------
    path : Path
        Workbook or CSV file of CNAM, DREES or an agency: a commune and a territory per row, a
        territory and its class, or a commune and its class.
    rules : Methodology
        For the labels of classes.
    columns : mapping of str to str, optional
        Columns that are not recognised, by field.
    vintage : int, optional
        Year of the geography.

    Returns
    -------
    Imported
        Of kind ``territories``, with the table ``attribution``: ``commune``, ``name``,
        ``departement``, ``region``, ``territory``, ``territory_name``, ``zone`` (id of the
        class); null if the file does not give it.

    Raises
    ------
    InputDataError
        The file has no such columns; values are not codes or classes; or communes of one
        territory are in several classes.
    """
    issues = Issues(path.name)
    matched = only(find(path, (COMPOSITION, CLASSES, BY_COMMUNE), columns), issues)
    frame = read_cells(matched, issues)
    key = ["commune" if "commune" in frame.columns else "territory"]
    issues.fault_duplicates(frame, key, matched.names)
    frame = frame.with_columns(
        pl.lit(None, pl.String).alias(name) for name in _COLUMNS if name not in frame.columns
    )
    if matched.layout is not BY_COMMUNE:
        frame = _territory_codes(frame, matched.names["territory"], issues)
    if "zone" in matched.names:
        frame = _zones(frame, matched.names["zone"], rules, issues)
    _refuse_split_classes(frame, issues)
    raise_faults(issues.faults)
    tables = {"attribution": frame.select(_COLUMNS).sort("commune", "territory")}
    notes, stamps = tuple(issues.notes), (stamp_of(path),)
    return Imported("territories", tables, matched.description, vintage, notes, stamps)


def _territory_codes(frame: pl.DataFrame, column: str, issues: Issues) -> pl.DataFrame:
    """Give codes of territories five characters, those of cantons with _ at their end."""
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
    issues.note("drees.territory_codes", changed["given"], column=column)
    valid = territory.str.contains(r"^(?:\d{2}|2[AB])[0-9A-Z]{2,3}_?$")
    issues.fault_rows("drees.not_a_territory_code", column, table.filter(~valid), "given")
    return table.drop("given", "upper", "marked")


def _mostly_in_departement() -> pl.Expr:
    """Return whether most communes of a territory lie in the departement of the longer code."""
    departement = "0" + pl.col("territory").str.slice(0, 1)
    inside = pl.col("commune").str.slice(0, 2) == departement
    return inside.fill_null(False).mean().over("territory") > 0.5


def _zones(frame: pl.DataFrame, column: str, rules: Methodology, issues: Issues) -> pl.DataFrame:
    """Replace labels of classes by their ids."""
    labels = frame["zone"].unique().drop_nulls().sort()
    ids = {label: zone for label in labels if (zone := _class_of(label, rules))}
    wrong = frame.filter(~pl.col("zone").is_in(list(ids)).fill_null(False))
    known = tuple(each.label for each in rules.zoning.classes)
    details = {"methodology": rules.id, "classes": known}
    issues.fault_rows("drees.not_a_class", column, wrong, "zone", **details)
    issues.note("drees.classes", [f"{label} as {zone}" for label, zone in ids.items()])
    zone_ids = pl.col("zone").replace_strict(ids, default=None, return_dtype=pl.String)
    return frame.with_columns(zone=zone_ids)


def _class_of(label: str, rules: Methodology) -> str | None:
    """Return the class of a label, which may be truncated or abbreviated."""
    text = re.sub(r"^(?:\d+_)?(?:zones?_)?", "", plain(label))
    text = re.sub(r"_dotees$", "_dotee", text)
    names = {each.id: plain(each.label) for each in rules.zoning.classes}
    exact = [zone for zone, name in names.items() if text in (zone, name, _initials(name))]
    if exact:
        return exact[0]
    cut = [zone for zone, name in names.items() if len(text) > 2 and name.startswith(text)]
    return cut[0] if len(cut) == 1 else None


def _initials(name: str) -> str:
    words = name.split("_")
    return words[0][:3] if len(words) == 1 else "".join(word[0] for word in words)


def _refuse_split_classes(frame: pl.DataFrame, issues: Issues) -> None:
    """Refuse a territory whose communes are in several classes."""
    by_territory = frame.drop_nulls("territory").group_by("territory")
    zones = by_territory.agg(pl.col("zone").unique().sort())
    zones = zones.filter(pl.col("zone").list.len() > 1).sort("territory")
    if zones.height:
        values = [f"{territory}: {', '.join(map(str, ids))}" for territory, ids in zones[:5].rows()]
        issues.fault("drees.several_classes", values=values, territories=zones.height)
