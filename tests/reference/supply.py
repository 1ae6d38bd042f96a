"""Supply: from the practitioners to the full-time equivalents (annexe, IV, 4.1.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .errors import EmptyReferencePopulationError, InconsistentPractitionerError, ZeroMedianError
from .exact import ZERO, Row, check_communes, check_unique, exact, exact_from_zero, total
from .parameters import Parameters
from .quantiles import quantile


@dataclass(frozen=True)
class Practitioner:
    """One practitioner, all practices together."""

    practitioner_id: str
    age: Fraction
    newly_installed: bool
    acts_by_commune: dict[str, Fraction]
    fees: Fraction

    @property
    def acts(self) -> Fraction:
        """The acts of all the practices."""
        return total(self.acts_by_commune.values())


@dataclass(frozen=True)
class ReferenceValues:
    """What an activity is set against: the median, and the 9th decile as its ceiling."""

    median: Fraction
    ceiling: Fraction


@dataclass(frozen=True)
class PractitionerCounts:
    """How many practitioners count; ``kept`` has the newly installed who are counted."""

    total: int
    excluded_age: int
    excluded_low_activity: int
    newly_installed_counted: int
    kept: int


def gather_practitioners(rows: Sequence[Row]) -> list[Practitioner]:
    """Return one practitioner for all the rows (practices) with its identifier."""
    check_unique(rows, "practitioner_id", "commune")
    practices: dict[str, list[Row]] = {}
    for row in rows:
        practices.setdefault(row["practitioner_id"], []).append(row)
    practitioners = []
    for practitioner_id, own in practices.items():
        if len({(exact(row["age"]), bool(row["newly_installed"])) for row in own}) > 1:
            raise InconsistentPractitionerError("age or newly_installed differs between practices")
        practitioners.append(
            Practitioner(
                practitioner_id=practitioner_id,
                age=exact_from_zero(own[0]["age"]),
                newly_installed=bool(own[0]["newly_installed"]),
                acts_by_commune={row["commune"]: exact_from_zero(row["acts"]) for row in own},
                fees=total(exact_from_zero(row["fees"]) for row in own),
            )
        )
    return practitioners


def passes_age_test(practitioner: Practitioner, parameters: Parameters) -> bool:
    """Say whether the age lets it count: over 65 is out (annexe, IV, 4.1.1)."""
    limit = exact(parameters.etp_age_limit)
    if parameters.etp_age_exclusion == "above":
        return practitioner.age <= limit
    return practitioner.age < limit


def passes_low_activity_test(practitioner: Practitioner, parameters: Parameters) -> bool:
    """Say whether it is active enough: fees under 10 000 EUR are out (annexe, IV, 4.1.1)."""
    if parameters.etp_low_activity_measure == "fees":
        return practitioner.fees >= exact(parameters.etp_minimum_fees)
    return practitioner.acts >= exact(parameters.etp_minimum_acts)


def status(practitioner: Practitioner, parameters: Parameters) -> str:
    """Say how it counts: excluded_age, excluded_low_activity, newly_installed or active."""
    if not passes_age_test(practitioner, parameters):
        return "excluded_age"
    active = passes_low_activity_test(practitioner, parameters)
    if practitioner.newly_installed:
        if parameters.etp_newly_installed_low_activity == "counted" or active:
            return "newly_installed"
        return "excluded_low_activity"
    return "active" if active else "excluded_low_activity"


def count_practitioners(
    practitioners: Sequence[Practitioner], parameters: Parameters
) -> PractitionerCounts:
    """Count the practitioners by the way in which they count."""
    found = [status(practitioner, parameters) for practitioner in practitioners]
    return PractitionerCounts(
        total=len(found),
        excluded_age=found.count("excluded_age"),
        excluded_low_activity=found.count("excluded_low_activity"),
        newly_installed_counted=found.count("newly_installed"),
        kept=found.count("newly_installed") + found.count("active"),
    )


def reference_population(
    practitioners: Sequence[Practitioner], parameters: Parameters
) -> list[Practitioner]:
    """Return those over whom median and 9th decile are taken (annexe, IV, 4.1.1, silent)."""
    field = parameters.etp_reference_population
    chosen = list(practitioners)
    if field in ("age_kept", "kept", "kept_without_new"):
        chosen = [p for p in chosen if passes_age_test(p, parameters)]
    if field in ("kept", "kept_without_new"):
        chosen = [p for p in chosen if passes_low_activity_test(p, parameters)]
    if field == "kept_without_new":
        chosen = [p for p in chosen if not p.newly_installed]
    return chosen


def reference_values(
    practitioners: Sequence[Practitioner], parameters: Parameters
) -> ReferenceValues:
    """Return the median and the 9th decile of the acts (annexe, IV, 4.1.1)."""
    acts = [p.acts for p in reference_population(practitioners, parameters)]
    if not acts:
        raise EmptyReferencePopulationError("nobody to take the median of the acts over")
    definition = parameters.etp_quantile_definition
    median = quantile(acts, parameters.etp_median_quantile, definition)
    ceiling = quantile(acts, parameters.etp_ceiling_quantile, definition)
    if median == 0:
        raise ZeroMedianError("the median of the acts is 0")
    return ReferenceValues(median, ceiling)


def etp_of_practitioner(
    practitioner: Practitioner, reference: ReferenceValues, parameters: Parameters
) -> Fraction:
    """Return its full-time equivalents: min(acts, 9th decile) / median (annexe, IV, 4.1.1)."""
    how = status(practitioner, parameters)
    if how == "newly_installed":
        return exact(parameters.etp_newly_installed_etp)
    if how == "active":
        return min(practitioner.acts, reference.ceiling) / reference.median
    return ZERO


def split_between_practices(
    practitioner: Practitioner, etp: Fraction, parameters: Parameters
) -> dict[str, Fraction]:
    """Share the full-time equivalents between the communes of its practices (text silent)."""
    acts = practitioner.acts_by_commune
    if parameters.etp_practice_split == "main_practice":
        main = min(acts, key=lambda commune: (-acts[commune], commune))
        return {commune: etp if commune == main else ZERO for commune in acts}
    if parameters.etp_practice_split == "equal" or practitioner.acts == 0:
        return {commune: etp / len(acts) for commune in acts}
    return {commune: etp * acts[commune] / practitioner.acts for commune in acts}


def etp_by_commune(
    practitioners: Sequence[Row], communes: Sequence[Row], parameters: Parameters
) -> dict[str, Fraction]:
    """Return the full-time equivalents of every commune (annexe, IV, 4.1.1)."""
    codes = [row["commune"] for row in communes]
    check_communes(practitioners, "commune", codes)
    gathered = gather_practitioners(practitioners)
    reference = reference_values(gathered, parameters)
    etp = dict.fromkeys(codes, ZERO)
    for practitioner in gathered:
        own = etp_of_practitioner(practitioner, reference, parameters)
        for commune, part in split_between_practices(practitioner, own, parameters).items():
            etp[commune] += part
    return etp
