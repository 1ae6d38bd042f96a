"""The sections of the rules on aids: the fields of each, with the parser of its values."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from ...methodology.parsers import choice, flag, items, number, table, text, whole
from .values import (
    KINDS,
    Derogation,
    Effect,
    Measure,
    MonthDay,
    Notice,
    amounts,
    delays,
    derogations,
    effects,
    month_day,
    study_years,
)

_zones = items(text, unique=str)
_words = items(text, least=1, unique=str)
_kinds = items(choice(*KINDS), unique=str)


@dataclass(frozen=True)
class ZoneTerms:
    """What each zone opens."""

    known: Annotated[tuple[str, ...], _zones]
    conventional: Annotated[Measure, table(Measure)]
    collectivities: Annotated[Measure, table(Measure)]
    agency: Annotated[Measure, table(Measure)]
    regulated: Annotated[Measure, table(Measure)]


@dataclass(frozen=True)
class ZoningTerms:
    """From when on and until when a zoning is in force."""

    effects: Annotated[tuple[Effect, ...], effects]
    stands: Annotated[str, choice("until_next_order")]
    rhythm_years: Annotated[int, whole(1)]


@dataclass(frozen=True)
class ContractTerms:
    """What all contracts share."""

    leap_anniversary: Annotated[str, choice("1_march", "28_february")]
    zone_left: Annotated[str, choice("runs_to_term")]
    exclusive: Annotated[bool, flag]


@dataclass(frozen=True)
class LumpSumTerms:
    """A contract of a few lump sums, reduced by activity; amounts in EUR."""

    title: Annotated[str, text]
    years: Annotated[int, whole(1)]
    renewable: Annotated[bool, flag]
    payments: Annotated[tuple[Fraction, ...], amounts]
    payment_delays: Annotated[tuple[int, ...], delays]
    payment_before: Annotated[MonthDay, month_day]
    first_year_full: Annotated[Fraction, number(above=0)]
    first_year_floor: Annotated[Fraction, number(0)]
    full: Annotated[Fraction, number(above=0)]
    floor: Annotated[Fraction, number(0)]
    below_floor: Annotated[Fraction, number(0, 1)]
    first_payment_activity: Annotated[str, choice("settled", "kept")]
    recovery: Annotated[str, choice("remaining_duration", "none")]
    may_follow: Annotated[tuple[str, ...], _kinds]

    @property
    def maximum(self) -> Fraction:
        """The most that a contract pays, in EUR, without trainees and uplift."""
        return sum(self.payments, Fraction(0))


@dataclass(frozen=True)
class AnnualTerms:
    """A contract of one amount a year, in EUR."""

    title: Annotated[str, text]
    years: Annotated[int, whole(1)]
    renewable: Annotated[bool, flag]
    yearly_amount: Annotated[Fraction, number(0)]
    accrual: Annotated[str, choice("contract_year", "civil_year")]
    payment_before: Annotated[MonthDay, month_day]
    minimum_activity: Annotated[Fraction, number(0, 1)]
    modernisation_aid: Annotated[bool, flag]
    renewal_outside_zone: Annotated[str, choice("no", "yes")]
    may_follow: Annotated[tuple[str, ...], _kinds]

    @property
    def maximum(self) -> Fraction:
        """What a term of the contract pays, in EUR, without trainees and uplift."""
        return self.yearly_amount * self.years


@dataclass(frozen=True)
class PracticeTerms:
    """Who may have a CAMMK."""

    conventioned: Annotated[bool, flag]
    forms: Annotated[tuple[str, ...], _words]
    replacement: Annotated[bool, flag]
    practitioners: Annotated[int, whole(1)]
    links: Annotated[tuple[str, ...], _words]
    settings: Annotated[tuple[str, ...], _words]
    same_premises: Annotated[tuple[str, ...], _words]
    recognised: Annotated[tuple[str, ...], _words]


@dataclass(frozen=True)
class TraineeTerms:
    """What is paid for a trainee."""

    monthly_amount: Annotated[Fraction, number(0)]
    study_years: Annotated[tuple[int, ...], study_years]
    broken_month: Annotated[str, choice("days_of_month")]
    payment_before: Annotated[MonthDay, month_day]


@dataclass(frozen=True)
class UpliftTerms:
    """What an agency may add, and in which zones."""

    rate: Annotated[Fraction, number(0)]
    zone_limit: Annotated[Fraction, number(0, 1)]
    zones: Annotated[tuple[str, ...], _zones]
    basis: Annotated[str, choice("count", "population")]
    choice: Annotated[str, choice("stop", "skip")]


@dataclass(frozen=True)
class TerminationTerms:
    """What is paid of a contract that ends before its term."""

    notice: Annotated[Notice, table(Notice)]
    practitioner: Annotated[str, choice("pro_rata_of_the_year")]
    caisse: Annotated[str, choice("pro_rata_of_what_remained")]
    agency: Annotated[str, choice("pro_rata_of_what_remained")]
    after_observations: Annotated[str, choice("recovered", "kept")]
    year_begun: Annotated[str, choice("nothing", "pro_rata")]
    unpaid_year: Annotated[str, choice("due", "lost")]
    zone_left: Annotated[str, choice("as_practitioner", "as_breach")]
    uplift: Annotated[str, choice("pro_rata_of_what_remained")]
    uplift_by_agency: Annotated[str, choice("recovered", "kept")]
    trainees: Annotated[str, choice("kept")]


@dataclass(frozen=True)
class ProcedureTerms:
    """The caisse's procedure: time limits in months and days, forms, who is informed."""

    opening: Annotated[Notice, table(Notice)]
    observations_months: Annotated[int, whole(1)]
    cpd_seizure: Annotated[Notice, table(Notice)]
    cpd_days: Annotated[int, whole(1)]
    decision_days: Annotated[int, whole(1)]
    decision: Annotated[Notice, table(Notice)]
    cpn_seizure_days: Annotated[int, whole(1)]
    cpn_seizure: Annotated[Notice, table(Notice)]
    cpn_days: Annotated[int, whole(1)]
    cpn_majority: Annotated[Fraction, number(0, 1)]
    cpn_same_view_months: Annotated[int, whole(1)]
    uncam_seizure_days: Annotated[int, whole(1)]
    uncam_days: Annotated[int, whole(1)]
    transmission_days: Annotated[int, whole(1)]
    final_decision_days: Annotated[int, whole(1)]
    final_decision: Annotated[Notice, table(Notice)]


@dataclass(frozen=True)
class InstallationTerms:
    """Conditions of installation under the convention."""

    one_for_one: Annotated[bool, flag]
    succession_years: Annotated[int, whole(1)]
    predecessor_acts: Annotated[int, whole(0)]
    derogations: Annotated[tuple[Derogation, ...], derogations]
    derogation_judge: Annotated[str, text]
    low_activity_judge: Annotated[str, text]
    first_entry_year: Annotated[int, whole(1)]
    entry_counted: Annotated[str, choice("first_year", "second_year")]
    establishment_years: Annotated[int, whole(1)]
    commitment_years: Annotated[int, whole(1)]
    commitment_zones: Annotated[tuple[str, ...], _zones]


SECTIONS: dict[str, type] = {
    "zones": ZoneTerms,
    "zonings": ZoningTerms,
    "contract": ContractTerms,
    "CACCMK": LumpSumTerms,
    "CAIMK": LumpSumTerms,
    "CAMMK": AnnualTerms,
    "practice": PracticeTerms,
    "trainee": TraineeTerms,
    "uplift": UpliftTerms,
    "termination": TerminationTerms,
    "procedure": ProcedureTerms,
    "installation": InstallationTerms,
}
