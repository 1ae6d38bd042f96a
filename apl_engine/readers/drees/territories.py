"""Territories and their classes as CNAM, DREES and the regional agencies hand them around."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from ...errors import Fault, InputDataError
from ...inputs.tables import stamp_of
from ...methodology.model import Methodology
from ..common.cells import read_matched
from ..common.collect import Found, once
from ..common.headers import Field, Layout, plain
from ..common.imported import Imported
from ..common.match import find, only, refuse

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
    "class of each commune (free layout)",
    (_COMMUNE, _NAME, Field("zone", _ZONE, usual="Zonage")),
)
_COLUMNS = ("commune", "name", "departement", "region", "territory", "territory_name", "zone")


def read_territories(
    path: Path,
    rules: Methodology,
    *,
    columns: Mapping[str, str] | None = None,
    vintage: int | None = None,
) -> Imported:
    """Read which communes a territory has, and which class an agency has given it.

    Codes of cantons-ou-villes are padded to five characters (``0708_``), as in files of DREES and
    in our mesh; zeros that a spreadsheet dropped come back where the communes of a territory
    leave no doubt.

    Parameters
    ----------
    path : workbook or CSV of CNAM, DREES or an agency: a commune and a territory a row, a
        territory and its class, or a commune and its class.
    rules : for the labels of classes.
    columns : columns that no pattern finds, ours to theirs.
    vintage : year of the geography.

    Returns
    -------
    Imported
        Of kind ``territories``, with the table ``attribution``: ``commune``, ``name``,
        ``departement``, ``region``, ``territory``, ``territory_name``, ``zone`` (id of the
        class); null where the file does not tell.

    Raises
    ------
    InputDataError
        No such columns; codes that cannot be made out; labels that are no class; or communes of
        one territory in several classes.
    """
    kept = Found(path.name)
    found = only(find(path, (COMPOSITION, CLASSES, BY_COMMUNE), columns), kept)
    frame = read_matched(found, kept)
    key = ["commune" if "commune" in frame.columns else "territory"]
    once(frame, key, kept, "Keep one.", found.names)
    frame = frame.with_columns(
        pl.lit(None, pl.String).alias(name) for name in _COLUMNS if name not in frame.columns
    )
    if found.layout is not BY_COMMUNE:
        frame = _territory_codes(frame, found.names["territory"], kept)
    if "zone" in found.names:
        frame = _zones(frame, found.names["zone"], rules, kept)
    refuse(kept.faults)
    _refuse_split_classes(path, frame)
    return Imported(
        "territories",
        {"attribution": frame.select(_COLUMNS).sort("commune", "territory")},
        found.described,
        vintage,
        tuple(kept.notes),
        (stamp_of(path),),
    )


def _territory_codes(frame: pl.DataFrame, theirs: str, kept: Found) -> pl.DataFrame:
    """Give codes of territories five characters, those of cantons with a mark at their end."""
    given = pl.col("territory").fill_null("").str.to_uppercase().str.replace(r"\.0$", "")
    table = frame.with_columns(given=pl.col("territory"), territory=given)
    padded = bool(table["territory"].str.ends_with("_").any())
    bare = table["territory"].str.strip_chars_end("_")
    table = table.with_columns(territory=bare, marked=table["territory"].str.ends_with("_"))
    width = pl.col("territory").str.len_chars()
    # A canton-ou-ville of four figures, or a bassin de vie that lost its zero?
    open_question = (width == 4) & pl.col("territory").str.contains(r"^[1-9]\d{3}$")
    lost = open_question & (~pl.col("marked") if padded else _in_departement("0", 1))
    short = (width == 3) & pl.col("territory").str.contains(r"^\d+$")
    table = table.with_columns(
        territory=pl.when(lost | short).then("0" + pl.col("territory")).otherwise("territory")
    )
    canton = (pl.col("territory").str.len_chars() == 4) | pl.col("marked")
    table = table.with_columns(
        territory=pl.when(canton).then(pl.col("territory") + "_").otherwise("territory")
    )
    fixed = table.filter(pl.col("territory") != pl.col("given").fill_null("").str.to_uppercase())
    text = f"column '{theirs}': codes of territories are padded or get their zero back"
    kept.note("territory_codes", text, fixed["given"])
    sound = pl.col("territory").str.contains(r"^(?:\d{2}|2[AB])[0-9A-Z]{2,3}_?$")
    wrong = table.filter(~sound).with_columns(value="given")
    hint = "Write five characters, or four of a canton-ou-ville, as text."
    kept.fault(theirs, "not a code of a territory", wrong, hint)
    return table.drop("given", "marked")


def _in_departement(prefix: str, figures: int) -> pl.Expr:
    """Tell whether most communes of a territory lie in the departement of the longer code."""
    longer = prefix + pl.col("territory").str.slice(0, figures)
    inside = pl.col("commune").str.slice(0, 2) == longer
    return inside.fill_null(False).mean().over("territory") > 0.5


def _zones(frame: pl.DataFrame, theirs: str, rules: Methodology, kept: Found) -> pl.DataFrame:
    """Turn labels of classes to their ids."""
    labels = frame["zone"].unique().drop_nulls().sort()
    ids = {label: zone for label in labels if (zone := _class_of(label, rules))}
    known = ", ".join(c.label for c in rules.zoning.classes)
    wrong = frame.filter(~pl.col("zone").is_in(list(ids)).fill_null(False))
    hint = f"Classes of {rules.id}: {known}. Those of another text: -m mk-2018."
    kept.fault(theirs, "not a class", wrong.with_columns(value="zone"), hint)
    other = pl.Series([f"{label} as {zone}" for label, zone in ids.items()], dtype=pl.String)
    kept.note("classes", "classes are read so", other)
    return frame.with_columns(
        zone=pl.col("zone").replace_strict(ids, default=None, return_dtype=pl.String)
    )


def _class_of(label: str, rules: Methodology) -> str | None:
    """Return the class that a label means, cut short or abbreviated as it may be."""
    text = re.sub(r"^(?:\d+_)?(?:zones?_)?", "", plain(label))
    text = re.sub(r"_dotees$", "_dotee", text)
    names = {c.id: plain(c.label) for c in rules.zoning.classes}
    exact = [zone for zone, name in names.items() if text in (zone, name, _initials(name))]
    if exact:
        return exact[0]
    cut = [zone for zone, name in names.items() if len(text) > 2 and name.startswith(text)]
    return cut[0] if len(cut) == 1 else None


def _initials(name: str) -> str:
    words = name.split("_")
    return words[0][:3] if len(words) == 1 else "".join(word[0] for word in words)


def _refuse_split_classes(path: Path, frame: pl.DataFrame) -> None:
    """Refuse a territory whose communes are in several classes."""
    several = (
        frame.filter(pl.col("territory").is_not_null())
        .group_by("territory")
        .agg(pl.col("zone").n_unique(), pl.col("zone").unique().sort().alias("zones"))
        .filter(pl.col("zone") > 1)
        .sort("territory")
    )
    if several.height:
        shown = tuple(
            f"{row['territory']}: {', '.join(str(zone) for zone in row['zones'])}"
            for row in several.head(5).to_dicts()
        )
        problem = f"{several.height} territories have communes in several classes"
        hint = "A territory has one class: correct its communes."
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=path.name,
                    values=shown,
                    details={"problem": problem, "hint": hint},
                )
            ]
        )
