"""The parameters of the method, with the defaults of the arrêté of 20 March 2024."""

from dataclasses import dataclass
from fractions import Fraction

from .errors import WrongParameterError
from .exact import Number

CHOICES: dict[str, tuple[object, ...]] = {
    "etp_quantile_definition": ("linear", "inverted_cdf", "averaged_inverted_cdf", "weibull"),
    "etp_reference_population": ("kept_without_new", "kept", "age_kept", "all"),
    "etp_age_exclusion": ("above", "from"),
    "etp_low_activity_measure": ("fees", "acts"),
    "etp_newly_installed_low_activity": ("counted", "excluded"),
    "etp_practice_split": ("acts", "equal", "main_practice"),
    "demand_normalised": (True, False),
    "travel_two_way_pairs": ("as_given", "min", "max", "mean"),
    "travel_one_way_pairs": ("as_given", "both_ways"),
    "travel_same_commune": ("where_absent", "always"),
    "zoning_aggregation_weight": ("standardised_population", "population"),
    "zoning_cut_population": ("population", "standardised_population"),
    "zoning_ties": ("code", "together"),
    "zoning_straddling": ("at_or_below", "crossing", "nearest"),
    "zoning_cuts": ("cumulated", "successive"),
    "zoning_imposed_population": ("inside_cuts", "outside_cuts"),
}


@dataclass(frozen=True)
class Step:
    """One step of the decrease with distance (annexe, IV, 4.1.3).

    The weight holds for trips of less than ``to`` minutes, and for exactly ``to`` if included.
    """

    to: Number
    included: bool
    weight: Number


@dataclass(frozen=True)
class Parameters:
    """Every choice of the method; the first of the choices is the default."""

    # annexe, IV, 4.1.1: the full-time equivalents
    etp_median_quantile: Number = Fraction(1, 2)
    etp_ceiling_quantile: Number = Fraction(9, 10)
    etp_quantile_definition: str = "linear"
    etp_reference_population: str = "kept_without_new"
    etp_age_limit: Number = 65
    etp_age_exclusion: str = "above"
    etp_low_activity_measure: str = "fees"
    etp_minimum_fees: Number = 10_000
    etp_minimum_acts: Number = 544
    etp_newly_installed_etp: Number = 1
    etp_newly_installed_low_activity: str = "counted"
    etp_practice_split: str = "acts"
    # annexe, IV, 4.1.2: the standardised population
    demand_normalised: bool = True
    # annexe, IV, 4.1.3: the distances
    travel_steps: tuple[Step, ...] = (
        Step(10, False, Fraction(1)),
        Step(15, False, Fraction(2, 3)),
        Step(20, True, Fraction(1, 3)),
    )
    travel_two_way_pairs: str = "as_given"
    travel_one_way_pairs: str = "as_given"
    travel_same_commune: str = "where_absent"
    travel_same_commune_minutes: Number = 0
    # annexe, IV: the unit of the indicator
    apl_per_inhabitants: Number = 100_000
    # annexe, IV, 4.1 (last sentence), 4.2 and 4.3: the territories and their classes
    zoning_aggregation_weight: str = "standardised_population"
    zoning_cut_population: str = "population"
    zoning_classes: tuple[tuple[str, Number | None], ...] = (
        ("tres_sous_dotee", 15),
        ("sous_dotee", 15),
        ("intermediaire", 40),
        ("non_prioritaire", None),
    )
    zoning_ties: str = "code"
    zoning_straddling: str = "at_or_below"
    zoning_cuts: str = "cumulated"
    zoning_imposed: tuple[tuple[str, str, str], ...] = ()
    zoning_imposed_population: str = "inside_cuts"

    def __post_init__(self) -> None:
        """Stop on a value that is none of the choices of its parameter."""
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise WrongParameterError(f"{name}: {getattr(self, name)!r} is none of {choices}")
        ids = [class_id for class_id, _ in self.zoning_classes]
        shares = [share for _, share in self.zoning_classes]
        if not ids or len(set(ids)) < len(ids):
            raise WrongParameterError(f"zoning_classes: each class once, at least one: {ids}")
        if shares[-1] is not None or None in shares[:-1]:
            raise WrongParameterError(f"zoning_classes: only the last is the rest: {shares}")
        regions = [region for region, _, _ in self.zoning_imposed]
        if len(set(regions)) < len(regions):
            raise WrongParameterError(f"zoning_imposed: a region more than once: {regions}")
        for _, zone, _ in self.zoning_imposed:
            if zone not in ids:
                raise WrongParameterError(f"zoning_imposed: {zone!r} is none of the classes {ids}")
