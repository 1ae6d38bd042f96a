"""The rules of one legal text as typed, frozen parameters.

A `Methodology` holds no code and reads no file: `load_methodology` makes one from TOML. Each field
of the sections below is one parameter of those files, ``[section.field]``; the parser in its
annotation says which values it takes, the text after it what it means.
"""

# Annotations are evaluated with the classes: later, as text, they would take Python many times as
# long.

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from ..errors import Note, first
from .parsers import choice, day, flag, number, text, whole
from .rulebook import CitedValue, RulebookFormat
from .values import (
    ForcedUnit,
    Imposed,
    NoCanton,
    RegionalShare,
    RegionalTable,
    Step,
    ZoneClass,
    classes,
    forced_units,
    imposed,
    no_cantons,
    plain_fields,
    regional_shares,
    regional_table,
    steps,
)


@dataclass(frozen=True)
class Etp:
    """Practitioners to full-time equivalents (ETP)."""

    median_quantile: Annotated[
        Fraction,
        number(0, 1),
        "The quantile of the acts of practitioners that is one full-time equivalent",
    ]
    ceiling_quantile: Annotated[
        Fraction, number(0, 1), "The quantile of the acts above which more acts are not counted"
    ]
    quantile_definition: Annotated[
        str,
        choice("linear", "inverted_cdf", "averaged_inverted_cdf", "weibull"),
        "How a quantile between two practitioners is taken, as in `numpy.quantile`",
    ]
    reference_population: Annotated[
        str,
        choice("kept_without_new", "kept", "age_kept", "all"),
        "The practitioners over whom both quantiles are taken",
    ]
    age_limit: Annotated[Fraction, number(0), "The age from which on practitioners are not counted"]
    age_exclusion: Annotated[
        str,
        choice("above", "from"),
        "Whether those of exactly that age are counted: `above` counts them",
    ]
    age_reference_date: Annotated[
        date, day, "The day on which ages are taken; its year is that of the activity"
    ]
    low_activity_measure: Annotated[
        str, choice("fees", "acts"), "What decides that an activity is too low to count"
    ]
    minimum_fees: Annotated[Fraction, number(0), "Fees below which a practitioner is not counted"]
    minimum_acts: Annotated[
        Fraction,
        number(0),
        "Acts below which a practitioner is not counted, if `low_activity_measure` is `acts`",
    ]
    newly_installed_etp: Annotated[
        Fraction, number(0), "What a practitioner installed within the year counts"
    ]
    newly_installed_low_activity: Annotated[
        str,
        choice("counted", "excluded"),
        "Whether those installed within the year count even with a low activity",
    ]
    practice_split: Annotated[
        str,
        choice("acts", "equal", "main_practice"),
        "How a practitioner is divided among several practices",
    ]


@dataclass(frozen=True)
class Demand:
    """Inhabitants by age to standardised inhabitants."""

    age_band_years: Annotated[int, whole(1), "Width of the age bands"]
    open_age_band: Annotated[int, whole(1), "Age from which on the last band is open"]
    normalised: Annotated[
        bool, flag, "Whether standardised inhabitants add up to the inhabitants of the country"
    ]


@dataclass(frozen=True)
class Travel:
    """Minutes between communes to weights."""

    steps: Annotated[
        tuple[Step, ...], steps, "The weight of a journey by its time; later than the last step, 0"
    ]
    two_way_pairs: Annotated[
        str,
        choice("as_given", "min", "max", "mean"),
        "Which time counts if both ways between two communes are given",
    ]
    one_way_pairs: Annotated[
        str,
        choice("as_given", "both_ways"),
        "Whether a time given one way counts for the other too",
    ]
    same_commune: Annotated[
        str,
        choice("where_absent", "always"),
        "When `same_commune_minutes` is taken for the time of a commune to itself",
    ]
    same_commune_minutes: Annotated[Fraction, number(0), "The time of a commune to itself"]

    @property
    def denominator(self) -> int:
        """The smallest number that makes the weight of every step whole."""
        return math.lcm(*(step.weight.denominator for step in self.steps))


@dataclass(frozen=True)
class Apl:
    """The unit of the indicator."""

    per_inhabitants: Annotated[Fraction, number(1), "Inhabitants to whom the APL is related"]


@dataclass(frozen=True)
class Zoning:
    """Communes to territories to classes."""

    aggregation_weight: Annotated[
        str,
        choice("standardised_population", "population"),
        "What weights the communes in the APL of a territory",
    ]
    cut_population: Annotated[
        str,
        choice("population", "standardised_population"),
        "The population that the shares of classes are of",
    ]
    classes: Annotated[
        tuple[ZoneClass, ...], classes, "The classes by rising APL; the last is the remainder"
    ]
    ties: Annotated[
        str,
        choice("code", "together"),
        "The order of territories of the same APL: by code, or never apart",
    ]
    straddling: Annotated[
        str,
        choice("at_or_below", "crossing", "nearest"),
        "The class of a territory that straddles a cut",
    ]
    cuts: Annotated[
        str, choice("cumulated", "successive"), "Where the share of a class is counted from"
    ]
    imposed: Annotated[
        tuple[Imposed, ...], imposed, "Regions whose territories have a class whatever their APL"
    ]
    imposed_population: Annotated[
        str,
        choice("outside_cuts", "inside_cuts"),
        "Whether the population of imposed zones uses up the share of their class",
    ]


@dataclass(frozen=True)
class Mesh:
    """How the mesh of territories is drawn."""

    split_above: Annotated[
        Fraction,
        number(0),
        "Inhabitants of an urban unit above which its bassins de vie are divided",
    ]
    forced_split: Annotated[
        tuple[ForcedUnit, ...],
        forced_units,
        "Urban units whose bassins de vie are divided whatever their population",
    ]
    forced_whole: Annotated[
        tuple[ForcedUnit, ...],
        forced_units,
        "Urban units whose bassins de vie stay whole whatever their population",
    ]
    canton_across_bassins: Annotated[
        str,
        choice("one_territory", "by_bassin"),
        "Whether a canton-ou-ville in several divided bassins is one territory",
    ]
    no_cantons: Annotated[
        tuple[NoCanton, ...],
        no_cantons,
        "Where INSEE knows no canton, and which territories there are instead",
    ]
    cities: Annotated[
        str,
        choice("by_arrondissement", "whole"),
        "Whether Paris, Lyon and Marseille are divided by arrondissement",
    ]
    canton_poles: Annotated[
        str,
        choice("single_commune", "most_populous"),
        "Which commune is the pole of a canton-ou-ville",
    ]


@dataclass(frozen=True)
class Regional:
    """What an agency may change."""

    margin: Annotated[
        Fraction,
        number(0, 100),
        "How much an agency may add to the lowest class, and take out of it",
    ]
    lower_zone: Annotated[
        str, text, "The class that an agency adds territories to and takes them out of"
    ]
    upper_zone: Annotated[str, text, "The class that they come from and go back to"]
    addition_order: Annotated[
        str, choice("strict", "skipping", "free"), "The order in which territories may be added"
    ]
    margin_counting: Annotated[
        str, choice("gross", "net"), "Whether what is taken out makes room for what is added"
    ]
    regional_population: Annotated[
        str, choice("attributed", "resident"), "The population that the margin is a share of"
    ]
    base_share: Annotated[
        str, choice("computed", "published"), "The share that the margin is counted from"
    ]
    consultation: Annotated[bool, flag, "Whether a proposal must state its consultations"]
    justification: Annotated[bool, flag, "Whether each territory of a proposal must be justified"]
    published_shares: Annotated[
        tuple[RegionalShare, ...],
        regional_shares,
        "The table of shares by region, as the text prints it",
    ]
    published_table: Annotated[
        RegionalTable, regional_table, "The words of that table, for the yearly communication"
    ]


@dataclass(frozen=True)
class Examples:
    """Figures the text gives as examples; nothing is computed from them."""

    median_acts: Annotated[Fraction, number(0), "The median of the acts that the text names"]
    ceiling_acts: Annotated[Fraction, number(0), "The ceiling of the acts that the text names"]


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

FORMAT = RulebookFormat(
    folder=Path(__file__).parent,
    default="mk-2024",  # the text in force
    identity={"id": text, "title": text, "profession": text, "dated": day},
    sections=SECTIONS,
    optional=frozenset({"gaps"}),
)


@dataclass(frozen=True, kw_only=True)
class Parameter(CitedValue):
    """A parameter of a methodology and where its value comes from.

    Attributes
    ----------
    others : tuple
        The other readings of a point that the text leaves open, written as `value` is.
    """

    others: tuple[Any, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the parameter as plain values, for JSON."""
        names = ("key", "value", "unit", "source", "article", "silent", "reason", "others", "file")
        return plain_fields(self, *names)


@dataclass(frozen=True)
class Methodology:
    """One legal text, complete.

    Attributes
    ----------
    id, title, profession : str
    dated : date
        Together with the id, title and profession, the identity of the text.
    etp, demand, travel, apl, zoning, mesh, regional, examples : Etp, Demand, ...
        Its parameters by section.
    parameters : tuple of Parameter
        The same one by one, each with its article or its reason.
    sources : mapping of str to mapping
        Title and more of each text cited, by key.
    gaps : tuple of str
        Keys whose value in this text is not known; the value of another text is used.
    files : tuple of (str, str)
        The TOML files that it was read from and their SHA-256, the most particular first.
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
    def year(self) -> int:
        """Year of the activity and of installations: that of the reference date of ages."""
        return self.etp.age_reference_date.year

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
            **plain_fields(self, "id", "title", "profession", "dated"),
            **plain_fields(self, "sources", "parameters", "gaps"),
            "files": [{"file": name, "sha256": digest} for name, digest in self.files],
        }
