"""The reference: the method of the arrêté of 20 March 2024, slow, exact and plain.

One function per line of the method, every number a ``fractions.Fraction``.
"""

from .accessibility import (
    apl,
    demand_reached,
    supply_ratios,
    unreachable_supply,
)
from .demand import (
    band_weights,
    population_by_commune,
    standardised_population,
)
from .errors import (
    DuplicateRowError,
    EmptyReferencePopulationError,
    FeesWithoutPopulationError,
    InconsistentPractitionerError,
    MethodError,
    NegativeValueError,
    NoFeesError,
    NoPopulationError,
    NoPopulationToCutError,
    NotANumberError,
    UnknownAgeBandError,
    UnknownCommuneError,
    WrongParameterError,
    ZeroMedianError,
)
from .exact import (
    Row,
    exact,
)
from .method import (
    Outcome,
    compute,
)
from .parameters import (
    Parameters,
    Step,
)
from .quantiles import (
    quantile,
)
from .supply import (
    Practitioner,
    PractitionerCounts,
    ReferenceValues,
    count_practitioners,
    etp_by_commune,
    etp_of_practitioner,
    gather_practitioners,
    passes_age_test,
    passes_low_activity_test,
    reference_population,
    reference_values,
    split_between_practices,
    status,
)
from .territories import (
    TerritoryResult,
    ZoneTotals,
    communes_of_territories,
    national_table,
    region_of_attribution,
    regional_table,
    territory_apl,
)
from .travel import (
    minutes_between,
    weight_of_minutes,
    weights,
)
from .zoning import (
    class_of,
    cut_ranked,
    cuts,
    is_within,
    rank_territories,
    tie_blocks,
    zone_territories,
)

__all__ = [
    "DuplicateRowError",
    "EmptyReferencePopulationError",
    "FeesWithoutPopulationError",
    "InconsistentPractitionerError",
    "MethodError",
    "NegativeValueError",
    "NoFeesError",
    "NoPopulationError",
    "NoPopulationToCutError",
    "NotANumberError",
    "Outcome",
    "Parameters",
    "Practitioner",
    "PractitionerCounts",
    "ReferenceValues",
    "Row",
    "Step",
    "TerritoryResult",
    "UnknownAgeBandError",
    "UnknownCommuneError",
    "WrongParameterError",
    "ZeroMedianError",
    "ZoneTotals",
    "apl",
    "band_weights",
    "class_of",
    "communes_of_territories",
    "compute",
    "count_practitioners",
    "cut_ranked",
    "cuts",
    "demand_reached",
    "etp_by_commune",
    "etp_of_practitioner",
    "exact",
    "gather_practitioners",
    "is_within",
    "minutes_between",
    "national_table",
    "passes_age_test",
    "passes_low_activity_test",
    "population_by_commune",
    "quantile",
    "rank_territories",
    "reference_population",
    "reference_values",
    "region_of_attribution",
    "regional_table",
    "split_between_practices",
    "standardised_population",
    "status",
    "supply_ratios",
    "territory_apl",
    "tie_blocks",
    "unreachable_supply",
    "weight_of_minutes",
    "weights",
    "zone_territories",
]
