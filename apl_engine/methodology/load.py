"""TOML to `Methodology`. What is not known, not cited or not possible is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import check_arguments
from .model import FORMAT, SECTIONS, Methodology, Parameter
from .parsers import parsers_of
from .rulebook import FaultCollector, Rulebook, read_rulebook

DEFAULT = FORMAT.default


def list_methodologies() -> list[str]:
    """Return the ids of the methodologies shipped with the package, sorted.

    Returns
    -------
    list of str
    """
    return FORMAT.ids


@check_arguments(name=(str, Path))
def load_methodology(name: str | Path) -> Methodology:
    """Read a methodology: one shipped with the package, by id, or a TOML file of your own.

    A file of your own may say ``extends = "mk-2024"`` and give only the parameters it changes,
    each with its ``article`` or, if it is your own choice, a ``reason``.

    Parameters
    ----------
    name : str or Path
        Id of a shipped methodology (see `list_methodologies`), or path of a TOML file.

    Returns
    -------
    Methodology

    Raises
    ------
    MethodologyError
        Unknown id, unreadable file; or all of the unknown or missing keys, missing citations and
        impossible values of the file.
    InputDataError
        `name` is neither a text nor a path.
    """
    book = read_rulebook(name, FORMAT)
    identity = book.identity()
    parameters: dict[str, Parameter] = {}
    for file, key, entry in book.entries():
        inherited = parameters.get(key)
        citation = book.citation(file, key, entry, inherited, own_keys=("others",))
        if citation is None:
            continue
        others = entry.get("others", [])
        if not isinstance(others, list) or (others and not entry.get("silent")):
            book.add("methodology.others_of_settled_point", file.name, key)
            others = []
        elif not others and inherited and inherited.silent:
            # The readings of the inherited text, its own choice included, stay open.
            readings = (inherited.value, *inherited.others)
            others = [other for other in readings if other != entry["value"]]
        parameters[key] = Parameter(**citation, others=tuple(others))
    book.require(parameters)
    gaps = _gaps(book)
    sections = build_sections(parameters, book.name, book)
    return Methodology(
        **identity,
        **sections,
        parameters=tuple(parameters[key] for key in FORMAT.parsers),
        sources=book.sources,
        gaps=gaps,
        files=book.digests,
    )


def build_sections(
    parameters: Mapping[str, Parameter], name: str, faults: FaultCollector | None = None
) -> dict[str, Any]:
    """Parse the values of all parameters into the sections of a `Methodology`.

    Parameters
    ----------
    parameters : mapping of str to Parameter
        By key.
    name : str
        Of the methodology, for its faults.
    faults : FaultCollector, optional
        Those met before, which are raised together with those met here.

    Returns
    -------
    dict of str to object

    Raises
    ------
    MethodologyError
        Faults met before, values (or other readings of them) that their parameters cannot take,
        and values that contradict one another.
    """
    faults = faults or FaultCollector()
    values: dict[str, Any] = {}
    for key, parser in FORMAT.parsers.items():
        if parameter := parameters.get(key):
            readings = (parameter.value, *parameter.others)
            values[key], *_ = (faults.parse(parser, r, parameter.file, key) for r in readings)
    _check_consistency(values, name, faults)
    faults.raise_all()
    return {
        section: kind(**{field: values[f"{section}.{field}"] for field in parsers_of(kind)})
        for section, kind in SECTIONS.items()
    }


def _check_consistency(values: Mapping[str, Any], name: str, faults: FaultCollector) -> None:
    classes, imposed = values.get("zoning.classes"), values.get("zoning.imposed")
    if classes and imposed:
        known = tuple(c.id for c in classes)
        if unknown := [row.zone for row in imposed if row.zone not in known]:
            kind = "methodology.imposed_zone_unknown"
            faults.add(kind, name, "zoning.imposed", unknown, classes=known)
    for row in values.get("regional.published_shares") or ():
        if row.misprint and row.misprint.shares.keys() != row.shares.keys():
            classes = tuple(row.shares)
            kind, key = "methodology.misprint_of_other_classes", "regional.published_shares"
            faults.add(kind, name, key, [row.name], classes=classes)
    both = {unit.unit for unit in values.get("mesh.forced_split") or ()} & {
        unit.unit for unit in values.get("mesh.forced_whole") or ()
    }
    if both:
        faults.add("methodology.forced_both_ways", name, "mesh.forced_split", sorted(both))
    ceiling, median = values.get("etp.ceiling_quantile"), values.get("etp.median_quantile")
    if ceiling is not None and median is not None and ceiling < median:
        faults.add("methodology.ceiling_below_median", name, "etp.ceiling_quantile")


def _gaps(book: Rulebook) -> tuple[str, ...]:
    """Return the declared gaps that no more particular file fills."""
    gaps: list[str] = []
    given: set[str] = set()
    for file in book.files:
        declared = file.raw.get("gaps", [])
        if not isinstance(declared, list):
            declared = [declared]
        known = list(FORMAT.parsers)
        if unknown := [key for key in declared if key not in known]:
            book.add("methodology.gap_unknown", file.name, "gaps", unknown)
        gaps += [key for key in declared if key in known and key not in given]
        given |= {f"{section}.{key}" for section in SECTIONS for key in file.section(section)}
    return tuple(gaps)
