"""Checks of a published APL: its year, its profession, and whether its values can be an APL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ...inputs.names import plain
from ...methodology.model import Methodology
from ..common.issues import Issues, raise_faults
from ..common.match import Match

# Professions whose APL is published, and others whose care is counted.
_PROFESSIONS = (
    "infirm", "medecin", "generalist", "sage_femme", "sages_femmes", "chirurg", "dentis",
    "dentai", "orthophon", "orthopt", "kines", "pediatr", "gyneco", "ophtalmo", "psychi", "pharmac",
    "podolog", "cardiolog", "dermato",
)  # fmt: skip
# One full-time equivalent for every 20 inhabitants: ten times as many as in the best served commune
# (in Cap Corse, 563 per 100 000). Larger values lack a decimal mark, or 9999 means no figure.
_MOST_OF_A_COMMUNE = 5_000.0
# The mean of France is some 110, those of its departements from 48 to 209. Beyond these limits it
# is in another unit: per inhabitant, per thousand, or a rank.
_POSSIBLE_MEAN, _USUAL_MEAN = (1.0, 1_000.0), (5.0, 500.0)
# The country has as many standardised inhabitants as inhabitants; a part of it, about as many.
_POSSIBLE_RATIO, _USUAL_RATIO = 10.0, 2.0


def choose_sheet(path: Path, matches: Sequence[Match], year: int | None, issues: Issues) -> Match:
    """Choose the sheet of a year.

    Parameters
    ----------
    path : Path
        The file.
    matches : sequence of Match
        Its sheets of APL.
    year : int or None
        The year wanted; None if the user does not name one.
    issues : Issues
        Receives a note if the file does not state whether it is of that year.

    Raises
    ------
    InputDataError
        Several sheets may be meant, or the only one is of another year.
    """
    years = [_years(each) for each in matches]
    # Of several sheets, one that states no year is not taken for any year.
    wanted = [
        each for each, stated in zip(matches, years, strict=True)
        if year is None
        or (all(str(year) in some for some in stated) and (stated or len(matches) == 1))
    ]  # fmt: skip
    sheets = tuple(each.sheet.name for each in wanted or matches)
    if len(wanted) == 1:
        if year is not None and not _years(wanted[0]):
            others = sorted({*re.findall(r"(?<!\d)20\d\d(?!\d)", path.name)} - {str(year)})
            kind = "year_of_file_name" if others else "year_assumed"
            issues.note(f"drees.{kind}", [str(year)], warning=bool(others), others=(*others,))
    elif wanted:
        same_year = len({str(_years(each)) for each in wanted}) == 1
        issues.fault("drees.same_sheets" if same_year else "drees.several_years", sheets=sheets)
    elif len(matches) == 1:
        stated = tuple(sorted(set().union(*years[0])))
        sheet, column = matches[0].sheet.name, matches[0].names["apl"]
        issues.fault("drees.other_year", column, sheet=sheet, stated=stated, year=year)
    else:
        issues.fault("drees.year_missing", sheets=sheets, year=year)
    raise_faults(issues.faults)
    return wanted[0]


def year_of_sheet(matched: Match, year: int | None) -> int | None:
    """Return the year that a sheet states, or else the one wanted; None if neither is known."""
    stated = set().union(*_years(matched))
    return int(stated.pop()) if len(stated) == 1 else year


def _years(matched: Match) -> list[set[str]]:
    """Return the years stated by the name of a sheet, and by its column of APL or its titles."""
    by_name = set(re.findall(r"20\d\d", matched.sheet.name))
    by_column = set(re.findall(r"20\d\d", matched.names["apl"]))
    titles = " ".join(map(plain, matched.titles))
    by_title = set(re.findall(r"(?:apl|accessibilite)[a-z_]*_(20\d\d)", titles))
    return [years for years in (by_name, by_column or by_title) if years]


def refuse_other_profession(matched: Match, rules: Methodology, issues: Issues) -> None:
    """Refuse columns of another profession, such as ``APL aux infirmiers`` for physiotherapists.

    Parameters
    ----------
    matched : Match
        The sheet and its columns.
    rules : Methodology
        For the profession that it must be of.
    issues : Issues
        Receives the faults.
    """
    for name in ("apl", "standardised_population"):
        header = matched.names[name]
        addressed = name == "apl" and re.search(r"_(?:aux?|a_la|a_l)_", plain(header))
        refuse_profession_of([header], header, rules, issues, whatever=bool(addressed))


def refuse_profession_of(
    texts: Sequence[str], column: str, rules: Methodology, issues: Issues, *, whatever: bool = False
) -> None:
    """Refuse a column if texts about it name another profession than that of a methodology.

    Parameters
    ----------
    texts : sequence of str
        Headers and titles.
    column : str
        The column.
    rules : Methodology
        For the profession that it must be of.
    issues : Issues
        Receives the faults.
    whatever : bool
        Whether the texts name some profession, be it an unknown one.
    """
    named = names_profession(texts, rules)
    if named is False or (named is None and whatever):
        issues.fault(
            "drees.other_profession", column, methodology=rules.id, profession=rules.profession
        )


def names_profession(texts: Sequence[str], rules: Methodology) -> bool | None:
    """Return whether texts name the profession of a methodology; None if they name none."""
    own = [word[:5] for word in plain(rules.profession).split("_")]
    whole = " ".join(map(plain, texts))
    if any(stem in whole for stem in own):
        return True
    return False if any(stem in whole for stem in _PROFESSIONS) else None


def refuse_impossible_apl(frame: pl.DataFrame, names: Mapping[str, str], issues: Issues) -> None:
    """Refuse values that cannot be an APL, and warn of unusual ones.

    Parameters
    ----------
    frame : pl.DataFrame
        ``row``, ``commune``, ``apl``, ``population``, ``standardised_population``.
    names : mapping of str to str
        What the file calls them.
    issues : Issues
        Receives the faults and notes.
    """
    apl, weight = pl.col("apl"), pl.col("standardised_population").fill_null(0.0)
    wrong = frame.filter((apl < 0) | (apl > _MOST_OF_A_COMMUNE))
    shown = wrong.with_columns(value=pl.col("commune") + ": " + apl.cast(pl.String))
    of = ("number", frame.height)
    issues.fault_rows("drees.impossible_apl", names["apl"], shown, of=of, most=_MOST_OF_A_COMMUNE)
    weighed = frame.filter(apl.is_not_null() & (weight > 0))
    if weighed.height and wrong.is_empty():
        mean = weighed.select((apl * weight).sum() / weight.sum()).item()
        (low, high), (usual_low, usual_high) = _POSSIBLE_MEAN, _USUAL_MEAN
        if not low <= mean <= high:
            issues.fault(
                "drees.impossible_mean", names["apl"], communes=weighed.height, mean=mean,
                low=low, high=high,
            )  # fmt: skip
        elif not usual_low <= mean <= usual_high:
            issues.note("drees.unusual_mean", [names["apl"]], warning=True, mean=mean)
    both = ("standardised_population", "population")
    standardised, other = (names[name] for name in both)
    standard, people = (float(frame[name].sum() or 0) for name in both)
    if people and standard:
        ratio = standard / people
        if not 1 / _POSSIBLE_RATIO <= ratio <= _POSSIBLE_RATIO:
            issues.fault("drees.impossible_ratio", standardised, ratio=ratio, other=other)
        elif not 1 / _USUAL_RATIO <= ratio <= _USUAL_RATIO:
            details: dict[str, Any] = {"ratio": ratio, "other": other}
            issues.note("drees.unusual_ratio", [standardised], warning=True, **details)
    whole = frame.select((pl.col(both) == pl.col(both).round()).all()).row(0)
    if whole == (True, False):
        issues.fault("drees.swapped_columns", standardised, other=other)
    unweighted = frame.filter((apl > 0) & (weight == 0))["commune"]
    issues.note("drees.apl_without_inhabitants", unweighted, warning=True)
