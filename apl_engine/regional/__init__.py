"""What a regional agency may change of the national zones: annexe, V."""

from .apply import Adapted, adapt
from .check import Check, check_proposal
from .proposal import Move, Proposal, proposal_text, read_proposal
from .propose import Proposed, propose
from .rules import Finding
from .summary import RegionalSummary, regional_summary

__all__ = [
    "Adapted",
    "Check",
    "Finding",
    "Move",
    "Proposal",
    "Proposed",
    "RegionalSummary",
    "adapt",
    "check_proposal",
    "proposal_text",
    "propose",
    "read_proposal",
    "regional_summary",
]
