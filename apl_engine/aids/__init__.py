"""Aids to practitioners and rules of installation, as dated rules."""

from ..schemas import EFFECT_FILE
from .contract import (
    Contract,
    Earlier,
    Payment,
    Practice,
    Procedure,
    Termination,
    Trainee,
    ZoneChange,
)
from .contract_file import read_contract
from .dates import FIRST_DAY, LAST_DAY, Period
from .installation import Departure, Eligibility, Plan, check_installation
from .rules.load import load_aid_rules
from .rules.rules import AidRules
from .schedule import Schedule, schedule
from .schedule_lines import Event, Line, YearTotal
from .timeline import last_day
from .uplift import UpliftCheck, check_uplift, choose_uplift
from .zone_aids import ZoneAids, aids_of_zone
from .zonings import (
    DatedZoning,
    ZoningChoice,
    choose_zoning,
    day_of_effect,
    in_zoning,
    read_effect,
    write_effect,
)

__all__ = [
    "EFFECT_FILE",
    "FIRST_DAY",
    "LAST_DAY",
    "AidRules",
    "Contract",
    "DatedZoning",
    "Departure",
    "Earlier",
    "Eligibility",
    "Event",
    "Line",
    "Payment",
    "Period",
    "Plan",
    "Practice",
    "Procedure",
    "Schedule",
    "Termination",
    "Trainee",
    "UpliftCheck",
    "YearTotal",
    "ZoneAids",
    "ZoneChange",
    "ZoningChoice",
    "aids_of_zone",
    "check_installation",
    "check_uplift",
    "choose_uplift",
    "choose_zoning",
    "day_of_effect",
    "in_zoning",
    "last_day",
    "load_aid_rules",
    "read_contract",
    "read_effect",
    "schedule",
    "write_effect",
]
