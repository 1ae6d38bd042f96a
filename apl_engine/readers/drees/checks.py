"""What a published APL must be before anybody is zoned by it: whose, of which year, how large."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from ...errors import Fault, InputDataError
from ...methodology.model import Methodology
from ...notes import Note
from ..common.collect import Found
from ..common.headers import Match, plain

# Of the professions that an APL is published of, and others whose care is counted.
_PROFESSIONS = (
    "infirm", "medecin", "generalist", "sage_femme", "sages_femmes", "chirurg", "dentis",
    "dentai", "orthophon", "orthopt", "kines", "pediatr", "gyneco", "ophtalmo", "psychi", "pharmac",
    "podolog", "cardiolog", "dermato",
)  # fmt: skip
# One full-time equivalent for every 20 inhabitants: ten times what the best served commune of
# France has (in Cap Corse, 563 per 100 000). Beyond: a lost decimal mark, or 9999 for no figure.
_MOST_OF_A_COMMUNE = 5_000.0
# The mean of France is some 110, those of its departements from 48 to 209. Below or above these
# it is of another unit: per inhabitant, per thousand, or a rank.
_MEAN_CAN_BE, _MEAN_IS_USUALLY = (1.0, 1_000.0), (5.0, 500.0)
# Standardised inhabitants of the country are as many as its inhabitants; of a part, about as many.
_RATIO_CAN_BE, _RATIO_IS_USUALLY = 10.0, 2.0


def choose_sheet(path: Path, found: Sequence[Match], year: int | None, kept: Found) -> Match:
    """Choose the sheet of a year.

    Parameters
    ----------
    path : the file.
    found : its sheets of APL.
    year : which, None where nobody says.
    kept : takes a note where nothing in the file tells whether it is of that year.

    Raises
    ------
    InputDataError
        Several sheets may be meant, or what is there is of another year.
    """
    wanted = [each for each in found if year is None or _may_be_of(each, year)]
    if len(found) > 1 and year is not None:
        # Among several, one that tells no year is not taken for any.
        wanted = [each for each in wanted if _years(each)]
    if len(wanted) == 1:
        if year is not None and not _years(wanted[0]):
            _say_taken(path, year, kept)
        return wanted[0]
    names = ", ".join(each.sheet.name for each in wanted or found)
    if wanted:
        problem = f"has several sheets {f'of {year}' if year else 'of APL'}: {names}"
        same = len({str(_years(each)) for each in wanted}) == 1
        hint = "Keep one in the workbook." if same else "Name the year: --year 2023."
    elif len(found) == 1:
        told = ", ".join(sorted(set().union(*_years(found[0]))))
        where = f"sheet '{found[0].sheet.name}', " if found[0].sheet.name else ""
        problem = f"{where}column '{found[0].names['apl']}': its APL is of {told}, not of {year}"
        hint = "Leave --year out, or change it."
    else:
        problem, hint = f"has no sheet of {year}: {names}", "Name another year: --year 2023."
    raise InputDataError(
        [Fault(code="legacy.fault", table=path.name, details={"problem": problem, "hint": hint})]
    )


def _may_be_of(found: Match, year: int) -> bool:
    """Return whether nothing in a sheet contradicts a year."""
    return all(str(year) in told for told in _years(found))


def _years(found: Match) -> list[set[str]]:
    """Return the years that the name of a sheet tells, and its column of APL or else its titles."""
    by_name = set(re.findall(r"20\d\d", found.sheet.name))
    by_column = set(re.findall(r"20\d\d", found.names["apl"]))
    titles = " ".join(plain(cell) for row in found.sheet.head[: found.header] for cell in row)
    by_title = set(re.findall(r"(?:apl|accessibilite)[a-z_]*_(20\d\d)", titles))
    return [told for told in (by_name, by_column or by_title) if told]


def _say_taken(path: Path, year: int, kept: Found) -> None:
    """Say that a year was only asked for; the name of the file may tell another."""
    others = sorted(set(re.findall(r"(?<!\d)20\d\d(?!\d)", path.name)) - {str(year)})
    text = f"{path.name}: nothing in it tells the year of its APL, taken for {year} as --year says"
    if others:
        text += f", though its name has {', '.join(others)}"
    kept.notes.append(Note("year_taken", 1, warning=bool(others), details={"text": text}))


def other_profession(found: Match, rules: Methodology) -> list[Fault]:
    """Refuse columns of another profession: ``APL aux infirmiers`` zones no physiotherapist.

    Parameters
    ----------
    found : the sheet and its columns.
    rules : for the profession that it must be of.
    """
    own = [word[:5] for word in plain(rules.profession).split("_")]
    faults = []
    for name in ("apl", "standardised_population"):
        header = plain(found.names[name])
        named = any(stem in header for stem in _PROFESSIONS)
        addressed = name == "apl" and re.search(r"_(?:aux?|a_la|a_l)_", header)
        if (named or addressed) and not any(stem in header for stem in own):
            problem = f"is of another profession than that of {rules.id}, {rules.profession}"
            hint = "Give the one of that profession."
            faults.append(
                Fault(
                    code="legacy.fault",
                    table=found.sheet.file,
                    column=found.names[name],
                    details={"problem": problem, "hint": hint},
                )
            )
    return faults


def refuse_no_apl(frame: pl.DataFrame, names: Mapping[str, str], kept: Found) -> None:
    """Refuse what cannot be an APL, and warn of what is odd.

    Parameters
    ----------
    frame : ``row``, ``commune``, ``apl``, ``population``, ``standardised_population``.
    names : what the file calls them.
    kept : takes the faults and notes.
    """
    apl, weight = pl.col("apl"), pl.col("standardised_population").fill_null(0.0)
    wrong = frame.filter((apl < 0) | (apl > _MOST_OF_A_COMMUNE))
    shown = wrong.with_columns(value=pl.col("commune") + ": " + apl.cast(pl.String))
    problem = f"negative values, or more than {_MOST_OF_A_COMMUNE:.0f} ETP per 100 000 inhabitants"
    hint = "Check the decimal mark, and what stands where there is no figure."
    kept.fault(names["apl"], problem, shown, hint)
    weighed = frame.filter(apl.is_not_null() & (weight > 0))
    if weighed.height and wrong.is_empty():
        mean = weighed.select((apl * weight).sum() / weight.sum()).item()
        _refuse_mean(mean, weighed.height, names, kept)
    people, standard = (
        float(frame[name].sum() or 0) for name in ("population", "standardised_population")
    )
    if people and standard:
        _refuse_ratio(standard / people, names, kept)
    whole = frame.select((pl.col(name) == pl.col(name).round()).all() for name in
                         ("standardised_population", "population")).row(0)  # fmt: skip
    if whole == (True, False):
        text = f"is whole, and '{names['population']}' is not, as if their headers were swapped"
        hint = "Inhabitants are counted, standardised ones are computed."
        kept.faults.append(
            Fault(
                code="legacy.fault",
                table=kept.file,
                column=names["standardised_population"],
                details={"problem": text, "hint": hint},
            )
        )
    text = "communes with an APL and nobody to weigh it by: their standardised population is 0"
    odd = frame.filter((apl > 0) & (weight == 0))["commune"]
    kept.note("apl_of_nobody", text, odd, warning=True)


def _refuse_mean(mean: float, communes: int, names: Mapping[str, str], kept: Found) -> None:
    """Refuse a mean that is of another unit."""
    text = f"the mean of {communes} communes is {mean:.4g} ETP per 100 000 standardised inhabitants"
    (low, high), (lower, upper) = _MEAN_CAN_BE, _MEAN_IS_USUALLY
    if not low <= mean <= high:
        hint = f"It must lie between {low:.0f} and {high:.0f}: check the unit of the column."
        kept.faults.append(
            Fault(
                code="legacy.fault",
                table=kept.file,
                column=names["apl"],
                details={"problem": text, "hint": hint},
            )
        )
    elif not lower <= mean <= upper:
        said = f"{kept.file}: column '{names['apl']}': {text}: is it of that unit?"
        kept.notes.append(Note("apl_odd", communes, warning=True, details={"text": said}))


def _refuse_ratio(ratio: float, names: Mapping[str, str], kept: Found) -> None:
    """Refuse standardised inhabitants that are of another unit than inhabitants."""
    theirs = names["standardised_population"]
    text = f"adds up to {ratio:.3g} times the column '{names['population']}'"
    if not 1 / _RATIO_CAN_BE <= ratio <= _RATIO_CAN_BE:
        hint = "Both count people, and about as many: check marks between thousands."
        kept.faults.append(
            Fault(
                code="legacy.fault",
                table=kept.file,
                column=theirs,
                details={"problem": text, "hint": hint},
            )
        )
    elif not 1 / _RATIO_IS_USUALLY <= ratio <= _RATIO_IS_USUALLY:
        said = f"{kept.file}: column '{theirs}' {text}"
        kept.notes.append(Note("standardised_odd", 1, warning=True, details={"text": said}))
