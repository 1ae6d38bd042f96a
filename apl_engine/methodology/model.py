"""The rules of one legal text as typed, frozen parameters.

A `Methodology` holds no code and reads no file: `methodologies.load_methodology` makes one from
TOML. Each field of the sections below is one parameter of those files, ``[section.field]``; its
parser says which values it takes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from ..notes import Note, first
from .values import (
    Imposed,
    Parameter,
    RegionalShare,
    Step,
    ZoneClass,
    choice,
    classes,
    day,
    flag,
    imposed,
    number,
    plain,
    regional_shares,
    rule,
    steps,
    text,
    whole,
)


@dataclass(frozen=True)
class Etp:
    """Practitioners to full-time equivalents (ETP)."""

    median_quantile: Fraction = rule(number(0, 1))
    ceiling_quantile: Fraction = rule(number(0, 1))
    quantile_definition: str = rule(
        choice("linear", "inverted_cdf", "averaged_inverted_cdf", "weibull")
    )
    reference_population: str = rule(choice("kept_without_new", "kept", "age_kept", "all"))
    age_limit: Fraction = rule(number(0))
    age_exclusion: str = rule(choice("above", "from"))
    age_reference_date: date = rule(day)
    low_activity_measure: str = rule(choice("fees", "acts"))
    minimum_fees: Fraction = rule(number(0))
    minimum_acts: Fraction = rule(number(0))
    newly_installed_etp: Fraction = rule(number(0))
    newly_installed_low_activity: str = rule(choice("counted", "excluded"))
    practice_split: str = rule(choice("acts", "equal", "main_practice"))


@dataclass(frozen=True)
class Demand:
    """Inhabitants by age to standardised inhabitants."""

    age_band_years: int = rule(whole(1))
    open_age_band: int = rule(whole(1))
    normalised: bool = rule(flag)


@dataclass(frozen=True)
class Travel:
    """Minutes between communes to weights."""

    steps: tuple[Step, ...] = rule(steps)
    two_way_pairs: str = rule(choice("as_given", "min", "max", "mean"))
    one_way_pairs: str = rule(choice("as_given", "both_ways"))
    same_commune: str = rule(choice("where_absent", "always"))
    same_commune_minutes: Fraction = rule(number(0))


@dataclass(frozen=True)
class Apl:
    """The unit of the indicator."""

    per_inhabitants: Fraction = rule(number(1))


@dataclass(frozen=True)
class Zoning:
    """Communes to territories to classes."""

    aggregation_weight: str = rule(choice("standardised_population", "population"))
    cut_population: str = rule(choice("population", "standardised_population"))
    classes: tuple[ZoneClass, ...] = rule(classes)
    ties: str = rule(choice("code", "together"))
    straddling: str = rule(choice("at_or_below", "crossing", "nearest"))
    imposed: tuple[Imposed, ...] = rule(imposed)
    imposed_population: str = rule(choice("outside_cuts", "inside_cuts"))


@dataclass(frozen=True)
class Mesh:
    """How the mesh of territories is drawn."""

    split_above: Fraction = rule(number(0))
    no_cantons: str = rule(choice("mainland_by_commune", "by_commune", "whole"))
    cities: str = rule(choice("by_arrondissement", "whole"))
    canton_poles: str = rule(choice("single_commune", "most_populous"))


@dataclass(frozen=True)
class Regional:
    """What an agency may change."""

    margin: Fraction = rule(number(0, 100))
    lower_zone: str = rule(text)
    upper_zone: str = rule(text)
    addition_order: str = rule(choice("strict", "skipping", "free"))
    margin_counting: str = rule(choice("gross", "net"))
    regional_population: str = rule(choice("attributed", "resident"))
    base_share: str = rule(choice("computed", "published"))
    consultation: bool = rule(flag)
    justification: bool = rule(flag)
    published_shares: tuple[RegionalShare, ...] = rule(regional_shares)


@dataclass(frozen=True)
class Examples:
    """Figures the text gives as examples; nothing is computed from them."""

    median_acts: Fraction = rule(number(0))
    ceiling_acts: Fraction = rule(number(0))


SECTIONS: dict[str, type] = {
    "etp": Etp,
    "demand": Demand,
    "travel": Travel,
    "apl": Apl,
    "zoning": Zoning,
    "mesh": Mesh,
    "regional": Regional,
    "examples": Examples,
}


@dataclass(frozen=True)
class Methodology:
    """One legal text, complete.

    Attributes
    ----------
    id, title, profession, dated : identity of the text.
    etp, demand, travel, apl, zoning, mesh, regional, examples : its parameters.
    parameters : the same one by one, each with its article or its reason.
    gaps : keys whose value in this text is not known; another text's stands in.
    files : the TOML files it was read from, the most particular first, with their SHA-256.
    """

    id: str
    title: str
    profession: str
    dated: date
    etp: Etp
    demand: Demand
    travel: Travel
    apl: Apl
    zoning: Zoning
    mesh: Mesh
    regional: Regional
    examples: Examples
    parameters: tuple[Parameter, ...]
    sources: Mapping[str, Mapping[str, Any]]
    gaps: tuple[str, ...]
    files: tuple[tuple[str, str], ...]

    @property
    def notes(self) -> tuple[Note, ...]:
        """A warning about parameters whose value in this text is unknown."""
        if not self.gaps:
            return ()
        shown, details = first(self.gaps), {"id": self.id}
        return (Note("methodology.gaps", len(self.gaps), shown, warning=True, details=details),)

    def as_dict(self) -> dict[str, Any]:
        """Return the methodology as plain values, for JSON."""
        return {
            "id": self.id,
            "title": self.title,
            "profession": self.profession,
            "dated": self.dated.isoformat(),
            "sources": plain(self.sources),
            "parameters": [parameter.as_dict() for parameter in self.parameters],
            "gaps": list(self.gaps),
            "files": [{"file": name, "sha256": digest} for name, digest in self.files],
        }


def common_denominator(steps: tuple[Step, ...]) -> int:
    """Return the smallest number that makes every weight of `steps` whole."""
    return math.lcm(*(step.weight.denominator for step in steps))
