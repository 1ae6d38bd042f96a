"""Columns of amounts and counts that are not the fees and acts of the text, by their names.

Fees are what practitioners are paid; the text counts acts. Files of the SNDS and those made from
it have reimbursements, bases of reimbursement, overruns and coefficients beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .names import plain


@dataclass(frozen=True)
class Amount:
    """What a column must hold, and what columns of other amounts are called.

    Attributes
    ----------
    others : mapping of str to str
        What a column holds instead, by a pattern on its plain name.
    own : str
        Pattern on the plain name of columns that hold it.
    usual : str
        Name of such a column in the SNDS.
    fault : str
        Kind of the fault of a column of others.
    """

    others: dict[str, str]
    own: str
    usual: str
    fault: str


# FLT_ begins the names of Open DAMIR; REM and BSE are those of Open Medic.
_BEGINS = r"(?:^|_)"
_ENDS = r"(?:_|$)"
AMOUNTS = {
    "fees": Amount(
        {
            rf"{_BEGINS}(?:rem_?bse|bse(?:_rem)?|brss?){_ENDS}|base_(?:de_)?remb": (
                "bases of reimbursement"
            ),
            rf"{_BEGINS}(?:rem_(?:mnt|mtt|tau)|(?:mnt|mtt|montant)_rem|rem){_ENDS}|rembours": (
                "amounts reimbursed"
            ),
            rf"{_BEGINS}(?:dep_mnt|mnt_dep){_ENDS}|depassements?$": "overruns alone",
            r"ticket_moderateur|reste_a_charge": "what patients pay",
            rf"{_BEGINS}act_(?:nbr|qte|cog|cft){_ENDS}|coef|^nb_?actes$": "acts or coefficients",
        },
        rf"{_BEGINS}pai_mnt$|honoraire|^hono?(?:_mnt)?$|montant_(?:de_la_|des_)?depense",
        "PRS_PAI_MNT",
        "not_fees",
    ),
    "acts": Amount(
        {
            rf"{_BEGINS}act_(?:cog|cft){_ENDS}|coef|{_BEGINS}cof{_ENDS}|lettre_cle": "coefficients",
            rf"{_BEGINS}(?:pai|rem|dep)_(?:mnt|bse){_ENDS}|montant|honoraire|rembours": "amounts",
        },
        rf"{_BEGINS}act_(?:nbr|qte)$|^(?:nb|nbr|nombre)_?(?:d_|de_|des_)?actes$|^actes$",
        "PRS_ACT_NBR",
        "not_acts",
    ),
}


def not_the_amount(role: str, column: str, header: Iterable[str]) -> dict[str, Any] | None:
    """Return what a column holds in place of fees or acts, and the column to give.

    Parameters
    ----------
    role : str
        ``fees`` or ``acts``; others are never refused.
    column : str
        Name of the column that is given for it.
    header : iterable of str
        All columns of the file.

    Returns
    -------
    dict or None
        ``what`` and ``give``, the facts of the messages; None if its name does not show it.
    """
    amount = AMOUNTS.get(role)
    if amount is None or re.search(amount.own, plain(column)):
        return None
    for pattern, what in amount.others.items():
        if re.search(pattern, plain(column)):
            own = (name for name in header if re.search(amount.own, plain(name)))
            return {"what": what, "give": next(own, "NAME"), "usual": amount.usual}
    return None
