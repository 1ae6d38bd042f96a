"""TOML to `AidRules`. What is not known, not cited or not possible is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import check_arguments
from ...methodology.parsers import choice, day, text
from ...methodology.rulebook import Rulebook, RulebookFile, RulebookFormat, read_rulebook
from .rules import AidRules
from .sections import SECTIONS, LumpSumTerms
from .values import CONFIDENCES, DatedValue

FORMAT = RulebookFormat(
    folder=Path(__file__).parent,
    default="mk",
    identity={"id": text, "title": text},
    sections=SECTIONS,
    source_keys=frozenset({"url"}),
)

# Values that are lists of zones, beside the measures that zones open.
_ZONE_LISTS = ("uplift.zones", "installation.commitment_zones")


@check_arguments(path=(str, Path, None))
def load_aid_rules(path: str | Path | None = None) -> AidRules:
    """Read the rules on aids: those shipped with the package, or a TOML file of your own.

    A file of your own may say ``extends = "mk"`` and give only the names it changes, each with
    all of its dated values, and each with its source and article or, if it is your own choice, a
    ``reason``.

    Parameters
    ----------
    path : str or Path, optional
        A TOML file; by default the rules shipped.

    Returns
    -------
    AidRules

    Raises
    ------
    MethodologyError
        Unreadable file; or all of its unknown or missing keys, missing citations, impossible
        values and dates, and values that contradict one another.
    """
    book = read_rulebook(FORMAT.default if path is None else Path(path), FORMAT)
    identity = book.identity()
    values: dict[str, tuple[DatedValue, ...]] = {}
    refused = set()
    for file, key, entries in book.entries():
        inherited = values[key][-1] if key in values else None
        dated = _dated_values(book, file, key, entries, inherited)
        if dated is None:
            refused.add(key)
        else:
            values[key] = dated
    book.require({**values, **dict.fromkeys(refused)})
    _check_consistency(book, values)
    book.raise_all()
    return AidRules(
        **identity,
        sources=book.sources,
        values={key: values[key] for key in FORMAT.parsers},
        files=book.digests,
    )


def _dated_values(
    book: Rulebook, file: RulebookFile, key: str, entries: Any, inherited: DatedValue | None
) -> tuple[DatedValue, ...] | None:
    """Return the values of a key by rising day; None, and faults, if one is refused."""
    if not isinstance(entries, list) or not entries:
        book.add("aid_rules.not_dated", file.name, key)
        return None
    values: list[DatedValue] = []
    for number, entry in enumerate(entries, 1):
        where = key if len(entries) == 1 else f"{key}[{number}]"
        citation = book.citation(
            file, key, entry, inherited, own_keys=("from", "confidence", "others"), where=where
        )
        if not isinstance(entry, dict) or "value" not in entry:
            continue
        # A value without a citation of its own is a choice, not a reading.
        cited = all(str(entry.get(name, "")).strip() for name in ("source", "article"))
        confidence = entry.get("confidence", "" if cited else "inferred")
        since = book.parse(day, entry.get("from", ""), file.name, f"{where}.from")
        parsed = book.parse(FORMAT.parsers[key], entry["value"], file.name, where)
        allowed = choice(*CONFIDENCES)
        confidence = book.parse(allowed, confidence, file.name, f"{where}.confidence")
        others = _others(book, file, key, entry, inherited, where)
        if citation is None or None in (since, parsed, confidence):
            continue
        if values and since <= values[-1].since:
            days = {"before": str(values[-1].since), "after": str(since)}
            book.add("aid_rules.days_not_rising", file.name, where, **days)
        values.append(
            DatedValue(**citation, since=since, parsed=parsed, confidence=confidence, others=others)
        )
    return tuple(values) if len(values) == len(entries) else None


def _others(
    book: Rulebook, file: RulebookFile, key: str, entry: Mapping[str, Any],
    inherited: DatedValue | None, where: str,
) -> tuple[Any, ...]:  # fmt: skip
    """Return the other readings of a silent point; without a list those of the inherited one."""
    others = entry.get("others", [])
    if not isinstance(others, list) or (others and not entry.get("silent")):
        book.add("aid_rules.others_of_settled_point", file.name, where)
        return ()
    if not others and inherited and inherited.silent:
        readings = (inherited.value, *inherited.others)
        others = [reading for reading in readings if reading != entry["value"]]
    for other in others:
        book.parse(FORMAT.parsers[key], other, file.name, f"{where}.others")
    return tuple(others)


def _check_consistency(book: Rulebook, values: Mapping[str, tuple[DatedValue, ...]]) -> None:
    """Note the values that contradict one another on a day."""
    for on in sorted({value.since for dated in values.values() for value in dated}):
        # Values rise by day: the last one of a key is in force.
        in_force = {key: v for key, dated in values.items() for v in dated if v.since <= on}
        _check_zones(book, in_force)
        for section, kind in SECTIONS.items():
            if kind is LumpSumTerms:
                _check_lump_sums(book, in_force, section)


def _check_zones(book: Rulebook, in_force: Mapping[str, DatedValue]) -> None:
    if "zones.known" not in in_force:
        return
    known = in_force["zones.known"].parsed
    for key, value in in_force.items():
        zones = value.parsed if key in _ZONE_LISTS else getattr(value.parsed, "zones", ())
        if unknown := [zone for zone in zones if zone not in known]:
            book.add("aid_rules.zone_unknown", value.file, key, unknown)


def _check_lump_sums(book: Rulebook, in_force: Mapping[str, DatedValue], section: str) -> None:
    def parsed(*names: str) -> list[Any]:
        values = [in_force.get(f"{section}.{name}") for name in names]
        return [value and value.parsed for value in values]

    def add(kind: str, name: str, **details: object) -> None:
        key = f"{section}.{name}"
        book.add(f"aid_rules.{kind}", in_force[key].file, key, **details)

    for name, full in (("first_year_floor", "first_year_full"), ("floor", "full")):
        floor, ceiling = parsed(name, full)
        if None not in (floor, ceiling) and floor > ceiling:
            add("floor_above_full", name, floor=float(floor), full=float(ceiling), full_name=full)
    payments, delays, years = parsed("payments", "payment_delays", "years")
    if None in (payments, delays, years):
        return
    if len(payments) != len(delays):
        add("payments_without_delay", "payment_delays", payments=len(payments), delays=len(delays))
    if not 1 < len(payments) <= years:
        add("number_of_payments", "payments", payments=len(payments), years=years)
