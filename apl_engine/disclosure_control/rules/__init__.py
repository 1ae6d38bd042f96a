"""The rules of publication: whom they protect, how much, and to what figures are rounded."""

# Annotations are evaluated with the classes, see `methodology/model.py`.

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from ...methodology.parsers import choice, number, whole
from ...methodology.rulebook import CitedValue, RulebookFormat, read_rulebook

ATTACKERS = ("public", "colleague")


@dataclass(frozen=True)
class Protection:
    """Whom a publication protects, from whom and how much."""

    min_practitioners: Annotated[int, whole(2)]
    percent: Annotated[Fraction, number(1, 100)]
    attacker: Annotated[str, choice(*ATTACKERS)]


@dataclass(frozen=True)
class Steps:
    """What published figures are multiples of."""

    commune_apl: Annotated[Fraction, number(above=0)]
    territory_apl: Annotated[Fraction, number(above=0)]
    territory_etp: Annotated[Fraction, number(above=0)]
    total_etp: Annotated[Fraction, number(above=0)]


@dataclass(frozen=True)
class PublicationRules:
    """All that decides what is published.

    Attributes
    ----------
    protection : Protection
    steps : Steps
    """

    protection: Protection
    steps: Steps


FORMAT = RulebookFormat(
    folder=Path(__file__).parent,
    default="default",
    identity={"id": str, "title": str},
    sections={"protection": Protection, "steps": Steps},
    source_keys=frozenset({"url"}),
)


@cache
def publication_rules() -> PublicationRules:
    """Return the rules shipped with the package.

    Returns
    -------
    PublicationRules
    """
    book = read_rulebook(FORMAT.default, FORMAT)
    values: dict[str, Any] = {}
    cited: dict[str, Mapping[str, Any] | None] = {}
    for file, key, entry in book.entries():
        citation = cited[key] = book.citation(file, key, entry, None, own_keys=())
        if citation:
            value = CitedValue(**citation).value
            values[key] = book.parse(FORMAT.parsers[key], value, file.name, key)
    book.require(cited)
    book.raise_all()
    sections = {
        section: kind(**{name: values[f"{section}.{name}"] for name in kind.__annotations__})
        for section, kind in FORMAT.sections.items()
    }
    return PublicationRules(**sections)
