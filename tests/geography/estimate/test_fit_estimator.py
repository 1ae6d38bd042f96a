"""The script that fits the estimate: its figures, and the same bytes again."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from support.open_data import open_data

from apl_engine.geography.estimate.estimate import estimate_travel_times
from apl_engine.geography.estimate.model import PARAMETERS_FILE, fitted_model
from apl_engine.geography.estimate.quality import evaluate
from apl_engine.methodology import load_methodology

ROOT = Path(__file__).parents[3]
RULES = load_methodology("mk-2024")


def script() -> Any:
    path = str(ROOT / "scripts/fit_estimator")
    loader = importlib.machinery.SourceFileLoader("fit_estimator", path)
    spec = importlib.util.spec_from_loader("fit_estimator", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    sys.modules["fit_estimator"] = module
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


def test_absent_data_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("APL_ENGINE_OPEN_DATA", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["fit_estimator"])
    fit = script()
    with pytest.raises(SystemExit) as caught:
        fit.main()
    assert all(name in str(caught.value) for name in fit.FILES)


@pytest.mark.parametrize("has_population", [True, False])
def test_the_estimate_is_as_good_as_its_figures(has_population: bool) -> None:
    """From communes to travel times, on the half of Isère that it was not fitted to."""
    folder = open_data("osrm_isere_seconds.csv").parent
    fit = script()
    data = fit.Isere(folder)
    half = np.random.default_rng(fit.SEED).permutation(len(data.rows))[len(data.rows) // 2 :]
    pairs = data.pairs(np.sort(half))
    frame = data.frame if has_population else data.frame.drop("population")
    estimate = estimate_travel_times(frame, RULES)
    codes = pl.Series(data.points.codes)
    held_out = pl.DataFrame(
        {"origin": codes.gather(pairs.start), "destination": codes.gather(pairs.end)}
    )
    joined = held_out.join(
        estimate.travel_times, on=["origin", "destination"], how="left", maintain_order="left"
    )
    minutes = joined["minutes"].fill_null(1e6).to_numpy()
    figures = evaluate(pairs.minutes, minutes, RULES.travel.steps)
    stated = fitted_model(has_population)["quality"]
    assert figures["confusion"] == pytest.approx(np.array(stated["confusion"]), abs=4)
    assert figures["bias_of_weights"] == pytest.approx(stated["bias_of_weights"], abs=0.002)
    naive = data.evaluate(pairs, fit.straight(0.0, 1.3 * 60 / 50))
    assert figures["right_class_near"] > naive["right_class_near"] + 0.05
    assert abs(figures["bias_of_weights"]) < 0.05


@pytest.mark.heavy
@pytest.mark.slow
@pytest.mark.nightly
def test_fitting_again_gives_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = open_data("osrm_isere_seconds.csv").parent
    monkeypatch.setenv("APL_ENGINE_OPEN_DATA", str(folder))
    monkeypatch.setattr(sys, "argv", ["fit_estimator", "-o", str(tmp_path / "again.json")])
    script().main()
    assert (tmp_path / "again.json").read_bytes() == PARAMETERS_FILE.read_bytes()
    printed = capsys.readouterr().out
    documented = (ROOT / "docs/travel-times.md").read_text("utf-8")
    # The document gives every table but that of the half that was fitted to.
    for line in re.sub(r"Fitted half\n.*?\nHalves", "", printed, flags=re.DOTALL).splitlines():
        if line.startswith(("| curve", "| 50", "| detour", "| fitted", "| west", "| east")):
            assert line in documented, line
