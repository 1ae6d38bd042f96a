"""The audit of a pattern of suppression."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from support.full_runs import run_with_network
from support.tables import SAMPLES

from apl_engine.disclosure_control.apply import supplies_of
from apl_engine.disclosure_control.audit import figures_to_protect, find_exposed
from apl_engine.disclosure_control.suppress import secondary_suppression


def test_the_audit_finds_what_published_apls_disclose() -> None:
    supplies = supplies_of(*run_with_network(SAMPLES / "pays-de-la-loire"))
    pattern = secondary_suppression(supplies, 5)
    without_apl = replace(pattern, apl=np.zeros_like(pattern.apl))
    figures = figures_to_protect(supplies, pattern.etp, pattern.etp_of, 5)
    # Not every protecting change is found again once more is suppressed, nor needs to be.
    assert len(find_exposed(supplies, pattern, figures).figures) < 0.01 * len(figures)
    assert len(find_exposed(supplies, without_apl, figures).figures) > 0.99 * len(figures)
