"""What a regional agency may change of the national zones: annexe, V."""

from .apply import Adapted, adapt
from .check import Check, Finding, check_proposal
from .proposal import Move, Proposal, proposal_text, read_proposal
from .propose import Proposed, propose
from .summary import Situation, situation

__all__ = [
    "Adapted",
    "Check",
    "Finding",
    "Move",
    "Proposal",
    "Proposed",
    "Situation",
    "adapt",
    "check_proposal",
    "proposal_text",
    "propose",
    "read_proposal",
    "situation",
]
