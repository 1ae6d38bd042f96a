"""Aids to practitioners and rules of installation, as dated rules."""

from .contract import (
    Contract,
    Earlier,
    Payment,
    Procedure,
    Termination,
    Trainee,
    ZoneChange,
)
from .course import last_day
from .days import FIRST_DAY, LAST_DAY, Period
from .installing import Departure, Eligibility, Plan, installation
from .lines import Event, Line, YearTotal
from .loading import load_aid_rules
from .reading import read_contract
from .rules import AidRules
from .schedule import Schedule, schedule
from .uplift import UpliftCheck, check_uplift, choose_uplift
from .zones import ZoneAids, aids_of_zone

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "AidRules",
    "Contract",
    "Departure",
    "Earlier",
    "Eligibility",
    "Event",
    "Line",
    "Payment",
    "Period",
    "Plan",
    "Procedure",
    "Schedule",
    "Termination",
    "Trainee",
    "UpliftCheck",
    "YearTotal",
    "ZoneAids",
    "ZoneChange",
    "aids_of_zone",
    "check_uplift",
    "choose_uplift",
    "installation",
    "last_day",
    "load_aid_rules",
    "read_contract",
    "schedule",
]
