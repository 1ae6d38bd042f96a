"""Classes of communes or territories as CartoSanté and the regional agencies publish them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ...errors import first
from ...inputs.imported import Imported
from ...inputs.names import plain
from ...inputs.tables import stamp_of
from ...methodology import list_methodologies, load_methodology
from ...methodology.model import Methodology
from ..common.cells import read_cells
from ..common.headers import Field, Layout
from ..common.issues import Issues, raise_faults
from ..common.match import Match, Named, find, only
from .checks import names_profession, refuse_profession_of
from .territories import (
    COMMUNE,
    DEPARTEMENT,
    NAME,
    REGION,
    TERRITORY,
    TERRITORY_NAME,
    territory_codes,
    with_columns_of,
)

_ZONE = Field(
    "zone",
    (r"^zonage_nat", r"^zonage", r"^class(?:e|ement)", r"^zone$", r"^categorie", r"^picked"),
    usual="Zonage",
)
_OF_BOTH = Layout(
    "class of each commune and its territory (regional agency)",
    (COMMUNE, NAME, TERRITORY, TERRITORY_NAME, DEPARTEMENT, REGION, _ZONE),
)
_OF_TERRITORIES = Layout(
    "class of each territory (regional agency)", (TERRITORY, TERRITORY_NAME, REGION, _ZONE)
)
_OF_COMMUNES = Layout(
    "class of each commune (CartoSanté, regional agency)",
    (
        Field("commune", (*COMMUNE.patterns, r"^code$"), "code", usual="Code"),
        Field("name", (*NAME.patterns, r"^libelle$", r"^nom$"), required=False),
        DEPARTEMENT,
        REGION,
        _ZONE,
    ),
)
_COLUMNS = (
    "commune", "name", "departement", "region", "territory", "territory_name", "zone",
    "other_class",
)  # fmt: skip
_NAMES = {"commune": "name", "territory": "territory_name"}
# What publishers write where there is no class.
_NO_CLASS = re.compile(
    r"^$|^(?:n_?[adcr]|nan|null)(?:_|$)|^(?:none|ref|s_?o|neant|vide|inconnue?|indisponible)$"
    r"|^(?:aucune?|sans_(?:objet|class\w*|zon\w*)|hors_(?:zon(?:e|age)s?|champ|perimetre))$"
    r"|^(?:(?:resultat|donnee|valeur)s?_)?non_(?:disp|rens|class|zon|def|det|calc|conc|appl|attr)"
    r"|^pas_de_(?:resultat|donnee|class|zon)"
)
# What may precede the words of a class: 1, 01, 5b, A, IV, zone.
_RANK = re.compile(
    r"\d{1,2}[a-z]?|[a-e]|i{1,3}|iv|v|zones?|classes?|categories?|niveaux?|territoires?"
)
# An answer by itself, and not the beginning of a class, which has so many letters at least.
_ANSWER, _SHORTEST = "non", 3
# A list is of another text, rather than one in which some agencies kept their earlier order, from
# this number and share of its classes on, and this many for each that only the text asked for has.
_FEW, _OF_OTHER_TEXT, _FOR_EACH = 10, 0.02, 10
# A short list without any class that only the text asked for has: from this share on.
_OF_SHORT_LIST = 0.1


def read_zoning(
    path: Path,
    rules: Methodology,
    *,
    columns: Named = None,
    vintage: int | None = None,
) -> Imported:
    """Read the classes that the agencies have given to communes or territories.

    Labels may be truncated or abbreviated, and have a rank in front. Communes whose class is of
    another text for the same profession, since their agency has not replaced its earlier order,
    are named by a note and left without a class.

    Parameters
    ----------
    path : Path
        Workbook or CSV file: a commune and its class per row, its territory too, or a territory
        and its class.
    rules : Methodology
        For the labels of classes.
    columns : mapping of str to str, optional
        Columns that are not recognised, by field.
    vintage : int, optional
        Year of the geography.

    Returns
    -------
    Imported
        Of kind ``zoning``, with the table ``zoning``: ``commune``, ``name``, ``departement``,
        ``region``, ``territory``, ``territory_name``, ``zone`` (id of the class),
        ``other_class`` (class of another text, as the file has it); null if the file does not
        give it.

    Raises
    ------
    InputDataError
        The file has no such columns; values are neither codes nor classes; or the list is of
        another profession or another text.
    """
    issues = Issues(path.name)
    sheets = find(path, (_OF_BOTH, _OF_TERRITORIES, _OF_COMMUNES), columns)
    matched, frame = _read_sheets(_own_profession_first(sheets, path, rules), issues)
    column = matched.names["zone"]
    refuse_profession_of(_nearest_words(matched, path, rules), column, rules, issues)
    key = "commune" if "commune" in frame.columns else "territory"
    if "territory" in frame.columns:
        frame = _with_territories(frame, matched.names["territory"], issues)
    issues.fault_duplicates(frame.filter(pl.col(key) != ""), [key], matched.names)
    frame = _classed(frame, key, column, rules, issues)
    raise_faults(issues.faults)
    _warn_of_split_territories(frame, issues)
    tables = {"zoning": with_columns_of(frame, _COLUMNS).sort(key)}
    notes, stamps = tuple(issues.notes), (stamp_of(path),)
    return Imported("zoning", tables, matched.description, vintage, notes, stamps)


def _nearest_words(matched: Match, path: Path, rules: Methodology) -> list[str]:
    """Return the words nearest to the classes that name a profession: its column, titles, names."""
    words = ([matched.names["zone"]], matched.titles, [matched.sheet.name or ""], [path.stem])
    return next((texts for texts in words if names_profession(texts, rules) is not None), [])


def _own_profession_first(sheets: Sequence[Match], path: Path, rules: Methodology) -> list[Match]:
    """Sort sheets: those of the profession, then those that name none, then those of others."""
    order = {True: 0, None: 1, False: 2}
    return sorted(
        sheets, key=lambda one: order[names_profession(_nearest_words(one, path, rules), rules)]
    )


def _read_sheets(sheets: Sequence[Match], issues: Issues) -> tuple[Match, pl.DataFrame]:
    """Read the first sheet, and those that continue its list, such as one for each departement."""
    matched, *others = sheets
    frame, joined = read_cells(matched, issues), [matched]
    key = "commune" if "commune" in frame.columns else "territory"
    for other in others:
        if (other.layout, other.names) != (matched.layout, matched.names):
            continue
        own = Issues(f"{issues.file}, sheet '{other.sheet.name}'")
        more = read_cells(other, own).with_columns(pl.col("row") + frame.height)
        # The same codes again are another year, or another profession.
        if more.join(frame, on=key, how="semi").is_empty():
            frame = pl.concat([frame, more.select(frame.columns)])
            issues.faults += own.faults
            issues.notes += own.notes
            joined.append(other)
    if len(joined) > 1:
        issues.note("drees.sheets_joined", [str(one.sheet.name) for one in joined])
    only([matched, *(other for other in others if other not in joined)], issues)
    return matched, frame


def _with_territories(frame: pl.DataFrame, column: str, issues: Issues) -> pl.DataFrame:
    """Repair codes of territories; leave out rows of a list by territory that are not of one."""
    blank = pl.col("territory").fill_null("").str.contains(r"^[\s.\-]*$")
    if "commune" in frame.columns:
        # A commune has its class whether or not its territory is given.
        coded = territory_codes(frame.filter(~blank), column, issues)
        alone = frame.filter(blank).with_columns(territory=pl.lit(None, pl.String))
        return pl.concat([coded, alone.select(coded.columns)]).sort("row")
    frame = frame.with_columns(commune=pl.lit(None, pl.String))
    note = blank | pl.col("territory").str.contains(r"\p{L}{3}|^[*(]")
    aside = frame.filter(note & pl.col("zone").is_null())
    issues.note("source_file.rows_left_out", aside["territory"].fill_null("").str.slice(0, 50))
    return territory_codes(frame.join(aside, on="row", how="anti"), column, issues)


def _classed(
    frame: pl.DataFrame, key: str, column: str, rules: Methodology, issues: Issues
) -> pl.DataFrame:
    """Replace labels by ids of classes; set those of another text apart."""
    label = pl.col("zone").fill_null("")
    ids: dict[str, str] = {}
    absent: list[str] = []
    others: dict[str, tuple[Methodology, str]] = {}
    for text in frame.select(label.unique().sort()).to_series():
        if _NO_CLASS.match(plain(text)):
            absent.append(text)
        elif len(own := _classes_of(text, rules)) == 1:
            ids[text] = own[0]
        elif not own and (other := next(_other_classes(text, rules), None)):
            others[text] = other
    known = (*ids, *absent, *others)
    details = {"methodology": rules.id, "classes": tuple(c.label for c in rules.zoning.classes)}
    wrong = frame.filter(~label.is_in(known))
    issues.fault_rows(
        "drees.not_a_class", column, wrong, "zone", ("label", frame.height), **details
    )
    aside = frame.filter(label.is_in(list(others)))
    if not wrong.height:
        _refuse_other_text(frame, aside, ids, others, column, rules, issues)
    if frame.height and not (ids or others or wrong.height):
        issues.fault("drees.no_classes", column, count=frame.height, values=first(absent))
    issues.note("drees.classes", [f"{text} as {zone}" for text, zone in ids.items()])
    names = with_columns_of(aside, [key, _NAMES[key], "zone"]).rows()
    shown = [f"{code} {name or ''} ({text})".replace("  ", " ") for code, name, text in names]
    issues.note("drees.classes_of_other_text", shown, warning=True)
    without = frame.filter(label.is_in(absent))
    issues.note("drees.without_class", without[key], warning=True)
    of_other = pl.when(label.is_in(list(others))).then("zone")
    zone_ids = label.replace_strict(ids, default=None, return_dtype=pl.String)
    return frame.with_columns(zone=zone_ids, other_class=of_other)


def _refuse_other_text(
    frame: pl.DataFrame,
    aside: pl.DataFrame,
    ids: Mapping[str, str],
    others: Mapping[str, tuple[Methodology, str]],
    column: str,
    rules: Methodology,
    issues: Issues,
) -> None:
    """Refuse a whole list of another text."""
    for other in {one.id: one for one, _ in others.values()}.values():
        shared = {zone.id for zone in other.zoning.classes}
        labels = [label for label, zone in ids.items() if zone not in shared]
        own = int(frame["zone"].is_in(labels).sum())
        most = max(_FEW, _OF_OTHER_TEXT * frame.height, _FOR_EACH * own)
        if not own:
            most = min(most, _OF_SHORT_LIST * frame.height)
        if aside.height > most:
            details: dict[str, Any] = {
                "methodology": rules.id, "other": other.id, "title": other.title
            }  # fmt: skip
            issues.fault_rows("drees.zoning_of_other_text", column, aside, "zone", **details)


def _other_classes(label: str, rules: Methodology) -> Iterator[tuple[Methodology, str]]:
    """Yield the texts for the same profession in which a label is a class, and the class."""
    for name in list_methodologies():
        other = load_methodology(name)
        same = other.profession == rules.profession and other.id != rules.id
        if same and (zone := _class_of(label, other)):
            yield other, zone


def _class_of(label: str, rules: Methodology) -> str | None:
    """Return the class of a label; None if it may be several."""
    classes = _classes_of(label, rules)
    return classes[0] if len(classes) == 1 else None


def _classes_of(label: str, rules: Methodology) -> list[str]:
    """Return what a label may be, ranked, truncated, abbreviated or in the plural."""
    given = words = plain(label).split("_")
    while len(words) > 1 and _RANK.fullmatch(words[0]):
        words = words[1:]
    text = "".join(words)
    names = {each.id: plain(each.label).split("_") for each in rules.zoning.classes}
    forms = {zone: {_stem("".join(name)), _stem(zone.replace("_", ""))}
             for zone, name in names.items()}  # fmt: skip
    exact = [zone for zone, name in names.items()
             if _stem(text) in forms[zone] or text in _abbreviations(name)]  # fmt: skip
    if exact:
        return exact
    # An abbreviation beside its words: TSD - Très sous dotée.
    for short, rest in ((words[0], words[1:]), (words[-1], words[:-1])):
        zone = _class_of("_".join(rest), rules) if rest else None
        if zone and short in _abbreviations(names[zone]):
            return [zone]
    if given == [_ANSWER] or len(text) < _SHORTEST:
        return []
    return [zone for zone, name in names.items() if "".join(name).startswith(text)]


def _stem(text: str) -> str:
    """Return the words of a class, joined, without the ending of gender and number."""
    return re.sub(r"e{0,2}s?$", "", text)


def _abbreviations(name: Sequence[str]) -> set[str]:
    """Return how a class is abbreviated: TSD or ZTSD, INT, ZINT or ZI."""
    letters = "".join(word[0] for word in name)
    short = {letters} if len(name) > 1 else {name[0][:3]}
    return short | {f"z{one}" for one in {*short, letters}}


def _warn_of_split_territories(frame: pl.DataFrame, issues: Issues) -> None:
    """Warn of territories whose communes are in several classes."""
    if "territory" not in frame.columns:
        return
    zones = (
        frame.drop_nulls(["territory", "zone"])
        .group_by("territory")
        .agg(pl.col("zone").unique().sort())
    )
    split = zones.filter(pl.col("zone").list.len() > 1).sort("territory")
    texts = split.select(pl.format("{}: {}", "territory", pl.col("zone").list.join(", ")))
    shown = first(texts.to_series())
    issues.note_count("drees.several_classes", split.height, shown, file=issues.file)
