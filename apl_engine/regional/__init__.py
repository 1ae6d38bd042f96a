"""What a regional agency may change of the national zones: annexe, V."""

from .adapting import Adapted, adapt
from .checking import Check, Finding, check_proposal
from .proposal import Move, Proposal, proposal_text, read_proposal
from .proposing import Proposed, propose
from .standing import Situation, situation

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
