"""The result of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ..errors import Fault, InputDataError, Note, first
from ..methodology.model import Methodology
from ..methodology.values import COUNTRY
from ..schemas import OUTPUT_TABLES, OUTPUTS, Kind, to_frame, typed_columns
from .network import TravelNetwork

if TYPE_CHECKING:
    from .zoning import Cut

# Columns that a result from a published APL does not have.
OF_SUPPLY = frozenset({"etp", "practitioners", "demand_reached"})
# Columns of the territories whose zone depends on a point that the text leaves open.
AMBIGUOUS = (
    "parameter", "value", "territory", "territory_name", "population", "zone", "other_zone",
)  # fmt: skip
_KINDS: Mapping[str, Mapping[str, Kind]] = {
    table: {
        name: "quantity" if column.kind in ("number", "integer") else "text"
        for name, column in columns.items()
    }
    for table, columns in OUTPUTS.items()
}
_KEYS = {"communes": "commune", "territories": "territory", "regions": "region"}


@dataclass(frozen=True)
class Publication:
    """What was published of a result; see `disclosure_control.publish`.

    Attributes
    ----------
    min_practitioners : int
        Fewest practitioners whose activity is not protected.
    protection : float
        Half the width of what can be inferred of a protected ETP, at least, in per cent of it.
    attacker : str
        Who cannot infer more: ``public`` or ``colleague``.
    steps : mapping of str to float
        What figures are multiples of: ``commune_apl``, ``territory_apl``, ``territory_etp``,
        ``total_etp``.
    hidden : mapping of str to int
        Number of figures hidden, by table and column.
    shown : mapping of str to float
        Communes, their inhabitants and territories whose APL is shown, %.
    groups : int
        Number of groups of few practitioners.
    unprotected : tuple of str
        Territories of groups that their zone, or what was published earlier, bounds too closely,
        whatever is hidden.
    earlier : int
        Number of earlier publications that it was protected together with.
    totals : mapping of str to float or None
        Those of `totals_of`, rounded; None for a hidden one.
    """

    min_practitioners: int
    protection: float
    attacker: str
    steps: Mapping[str, float]
    hidden: Mapping[str, int]
    shown: Mapping[str, float]
    groups: int
    unprotected: tuple[str, ...]
    earlier: int
    totals: Mapping[str, float | None]

    def as_dict(self) -> dict[str, Any]:
        """Return all but the totals as plain values, for JSON."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        del values["totals"]
        return {
            name: dict(value) if isinstance(value, Mapping)
            else value if isinstance(value, str | int | float)
            else list(value)
            for name, value in values.items()
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Zoning:
    """Communes, territories and regions with their zones, however the APL was computed.

    Two results are equal if their tables, cuts and methodology are.

    Attributes
    ----------
    communes, territories, regions : pl.DataFrame
        The output tables, see `schemas.OUTPUTS`.
    cuts : tuple of Cut
        Where each class but the last ends.
    counts : mapping
        Rows read, and what became of them, by table; None for a hidden count.
    notes : tuple of Note
        What was imputed, left out or odd.
    methodology : Methodology
        The rules applied.
    imports : tuple of mapping
        The publishers' files that the tables were made from, see `Imported.as_dict`.
    timings : mapping of str to float
        Seconds by step.
    ambiguous : pl.DataFrame or None
        The territories whose zone depends on a point that the text leaves open, if that was
        computed: all points by `ambiguous_zones`, the ends of steps by a run; see `AMBIGUOUS`.
    publication : Publication or None
        How figures are rounded and hidden, of a published result.
    """

    communes: pl.DataFrame
    territories: pl.DataFrame
    regions: pl.DataFrame
    cuts: tuple[Cut, ...]
    counts: Mapping[str, Mapping[str, int | None]]
    notes: tuple[Note, ...]
    methodology: Methodology
    timings: Mapping[str, float]
    imports: tuple[Mapping[str, Any], ...] = ()
    ambiguous: pl.DataFrame | None = None
    publication: Publication | None = None

    def __post_init__(self) -> None:
        """Sort tables by code; refuse tables that are not those of one result.

        Whatever is computed from a result relies on the types and the order of its rows.
        """
        faults: list[Fault] = []
        for name, key in _KEYS.items():
            try:
                object.__setattr__(self, name, self._typed(name, key))
            except InputDataError as error:
                faults += error.faults
        if not faults:
            own = self.communes["territory"].unique().sort()
            if not own.equals(self.territories["territory"]):
                faults = [_unmatched(own, self.territories["territory"])]
        if faults:
            raise InputDataError(faults)

    def _typed(self, name: str, key: str) -> pl.DataFrame:
        given, kinds = to_frame(getattr(self, name), name), _KINDS[name]
        frame = typed_columns(
            given, name, kinds, nullable=kinds.keys() - {key, "territory", "population"},
            optional=OF_SUPPLY if OF_SUPPLY.isdisjoint(given.columns) else (), cast_numbers=False,
            identified=OUTPUT_TABLES[name],
        )  # fmt: skip
        return frame if name == "regions" or frame[key].is_sorted() else frame.sort(key)

    def check_exact(self, code: str) -> None:
        """Refuse a published result for a computation that needs exact figures.

        Parameters
        ----------
        code : str
            That of the fault, which says what needs them.

        Raises
        ------
        InputDataError
            Figures are rounded or hidden, see `disclosure_control.publish`.
        """
        if self.publication:
            details = {
                "hidden": self.publication.hidden["communes_apl"],
                "step": f"{self.publication.steps['commune_apl']:g}",
            }
            raise InputDataError(Fault(code, "result", details=details))

    @property
    def acts(self) -> tuple[float, float] | None:
        """The median and the 9th decile of acts, if the supply was computed here."""
        return None

    @property
    def warnings(self) -> tuple[Note, ...]:
        """The notes that the reader should look into."""
        return tuple(note for note in self.notes if note.warning)

    @property
    def summary(self) -> pl.DataFrame:
        """The whole country by class.

        One row per class: ``zone``, ``label``, ``territories``, ``communes``, ``population``,
        ``share`` (% of the population), ``highest_apl`` (of the last territory in it, null for the
        last class).
        """
        classes = self.methodology.zoning.classes
        highest: list[float | None] = [*(cut.highest_apl for cut in self.cuts), None]
        named = pl.DataFrame(
            {
                "zone": [zone.id for zone in classes],
                "label": [zone.label for zone in classes],
                "highest_apl": pl.Series(highest, dtype=pl.Float64),
            }
        )
        country = self.regions.filter(pl.col("region") == COUNTRY)
        columns = ("zone", "label", "territories", "communes", "population", "share")
        return named.join(country, on="zone", maintain_order="left").select(*columns, "highest_apl")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Zoning):
            return NotImplemented
        return (
            self.methodology == other.methodology
            and self.cuts == other.cuts
            and self.communes.equals(other.communes)
            and self.territories.equals(other.territories)
            and self.regions.equals(other.regions)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        lines = [
            f"{row['label']:<22}{row['territories']:>6} territories"
            f"{row['population']:>13,.0f} inhabitants{row['share'] or 0:>7.1f} %".replace(",", " ")
            for row in self.summary.iter_rows(named=True)
        ]
        return "\n".join([self._title, *(f"  {line}" for line in lines)])

    def _repr_html_(self) -> str:
        return f"<p>{self._title}</p>{self.summary._repr_html_()}"

    @property
    def _title(self) -> str:
        return (
            f"{type(self).__name__} by {self.methodology.id}: {self.communes.height} communes in "
            f"{self.territories.height} territories, {len(self.warnings)} warnings"
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Rezoned(Zoning):
    """Zones derived from others by moving territories, see `regional.Adapted`.

    Attributes
    ----------
    base : Zoning
        The others.
    adaptation : mapping
        What was moved and why, as plain values for the record.
    """

    base: Zoning
    adaptation: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Published(Zoning):
    """A result that may be published, see `disclosure_control.publish`.

    Attributes
    ----------
    base : Zoning
        The exact result.
    """

    base: Zoning


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Result(Zoning):
    """The result of a run: zones, and how supply and demand lead to them.

    Attributes
    ----------
    bands : pl.DataFrame
        Weight of each age band, see `Demand`.
    median_acts, ceiling_acts : float
        The median and the 9th decile of acts.
    reachable_etp : float
        The supply that some inhabitant can reach, ETP.
    network : TravelNetwork
        The travel times that the APL was computed on.
    prepared : bool
        Whether `network` was given, and not built from the table travel_times.
    inputs : tuple of mapping
        The input tables: name, format, rows and, for a file, its digest; as plain values.
    located : mapping of str to Path
        Where ``inputs`` and ``network`` were read from, if they are files.
    """

    bands: pl.DataFrame
    median_acts: float
    ceiling_acts: float
    reachable_etp: float
    network: TravelNetwork
    prepared: bool = False
    inputs: tuple[Mapping[str, Any], ...] = ()
    located: Mapping[str, Path] = field(default_factory=dict)

    @property
    def acts(self) -> tuple[float, float]:
        """The median and the 9th decile of acts."""
        return self.median_acts, self.ceiling_acts


def _unmatched(of_communes: pl.Series, codes: pl.Series) -> Fault:
    """Return the fault of territories that are not those of the communes."""
    other = [*codes.filter(~codes.is_in(of_communes.implode()) | codes.is_duplicated()),
             *of_communes.filter(~of_communes.is_in(codes.implode()))]  # fmt: skip
    return Fault(
        "result.unmatched_territories",
        "territories",
        column="territory",
        count=len(other),
        values=first(other, 3),
    )


def network_of(result: Zoning, network: TravelNetwork | None = None) -> TravelNetwork:
    """Return the network given for a result, or the one that it holds.

    Raises
    ------
    InputDataError
        No network is given and the result, read from its folder, holds none.
    """
    if network is None and isinstance(result, Result):
        network = result.network
    if network is None:
        raise InputDataError(Fault("result.no_network", "result"))
    return network


def join_communes(communes: pl.DataFrame, *parts: pl.DataFrame) -> pl.DataFrame:
    """Put the columns of several tables of the same communes, sorted by code, side by side."""
    return communes.with_columns(
        column for part in parts for column in part.drop("commune").get_columns()
    )


def with_zones(communes: pl.DataFrame, territories: pl.DataFrame) -> pl.DataFrame:
    """Give communes the zone of their territory, and the columns of the output table."""
    zones = territories.select("territory", "zone")
    zoned = communes.join(zones, on="territory", how="left", maintain_order="left")
    columns = [name for name in OUTPUTS["communes"] if name in zoned.columns]
    return zoned.with_columns(pl.col("commune").cast(pl.String)).select(columns)


def count_communes(communes: pl.DataFrame) -> dict[str, int]:
    """Count communes by what the computation found in them."""
    return {
        "communes": communes.height,
        "with_supply": int((communes["etp"] > 0).sum()),
        "without_inhabitants": int((communes["population"] == 0).sum()),
        "reaching_nobody": int((communes["apl"] == 0).sum()),
    }


def totals_of(result: Zoning) -> Mapping[str, float | None]:
    """Return the totals of all communes: ETP, inhabitants, standardised inhabitants."""
    if result.publication:
        return result.publication.totals
    communes, people = result.communes, result.communes["standardised_population"]
    per = float(result.methodology.apl.per_inhabitants)
    supply: dict[str, float | None] = {}
    if isinstance(result, Result):
        supply = {"etp": float(communes["etp"].sum()), "reachable_etp": result.reachable_etp}
    return {
        **supply,
        "distributed_etp": float((people * communes["apl"]).sum()) / per,
        "population": float(communes["population"].sum()),
        "standardised_population": float(people.sum()),
    }
