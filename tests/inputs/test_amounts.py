"""Columns of reimbursements and coefficients, which are not fees and acts."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.faults import fault_of
from support.tables import frames, methodology, small_world

from apl_engine import read_inputs
from apl_engine.inputs.amounts import not_the_amount

NOT_FEES = [
    "PRS_REM_MNT", "FLT_REM_MNT", "ARO_REM_MNT", "PRS_REM_BSE", "PRS_REM_TAU", "REM", "BSE",
    "montant remboursé", "Montant_rembourse", "mnt_rem", "base de remboursement", "BASE_REMB",
    "BRSS", "PRS_DEP_MNT", "dépassements", "ticket modérateur", "PRS_ACT_QTE", "Coefficient",
]  # fmt: skip
FEES = [
    "PRS_PAI_MNT", "FLT_PAI_MNT", "HON_MNT", "honoraires", "Honoraires sans dépassement",
    "montant de la dépense", "total", "MT", "fees", "premier",
]  # fmt: skip
NOT_ACTS = [
    "PRS_ACT_COG", "FLT_ACT_COG", "PRS_ACT_CFT", "coefficient", "COEF_TOTAL", "somme coefs",
    "PRS_PAI_MNT", "montant", "lettre clé",
]  # fmt: skip
ACTS = [
    "PRS_ACT_NBR", "PRS_ACT_QTE", "FLT_ACT_QTE", "ACT_NBR", "nb_actes", "Nombre d'actes", "acts",
    "actes",
]  # fmt: skip
NAMES = [("fees", NOT_FEES, FEES), ("acts", NOT_ACTS, ACTS)]


@pytest.mark.parametrize(("role", "wrong", "right"), NAMES)
def test_names_of_other_amounts(role: str, wrong: list[str], right: list[str]) -> None:
    assert [name for name in wrong if not not_the_amount(role, name, wrong)] == []
    assert [name for name in right if not_the_amount(role, name, right)] == []
    assert not any(not_the_amount("minutes", name, wrong) for name in wrong)


def test_the_column_to_give_is_named() -> None:
    found = not_the_amount("fees", "PRS_REM_MNT", ["PRS_REM_MNT", "x", "PRS_PAI_MNT"])
    assert found == {
        "what": "amounts reimbursed", "give": "PRS_PAI_MNT", "usual": "PRS_PAI_MNT",
    }  # fmt: skip
    found = not_the_amount("acts", "PRS_ACT_COG", ["PRS_ACT_COG", "x"])
    assert found is not None
    assert found["give"] == "NAME"


def test_tables_of_a_run() -> None:
    tables = frames(small_world())
    tables["practitioners"] = tables["practitioners"].rename({"acts": "PRS_ACT_COG"})
    columns = {"acts": "PRS_ACT_COG"}
    fault = fault_of(lambda: read_inputs(tables, methodology(), columns=columns))
    assert (fault.code, fault.column) == ("practitioners.not_acts", "PRS_ACT_COG")


def test_fees_of_a_coefficient_are_warned_of(tmp_path: Path) -> None:
    world = small_world()
    for row in world["practitioners"]:
        row["fees"] = 2.15 * row["acts"]
    notes = read_inputs(frames(world), methodology()).notes
    assert [note.code for note in notes if note.warning] == ["practitioners.coefficients"]
