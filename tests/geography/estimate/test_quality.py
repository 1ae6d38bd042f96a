"""The quality of estimated times."""

from __future__ import annotations

import numpy as np

from apl_engine.geography.estimate.quality import evaluate, step_of
from apl_engine.methodology import load_methodology

STEPS = load_methodology("mk-2024").travel.steps


def test_steps_at_each_bound() -> None:
    times = np.array([0, 9.99, 10, 14.99, 15, 20, 20.01])
    assert step_of(times, STEPS).tolist() == [0, 0, 1, 1, 2, 2, 3]


def test_figures_of_a_small_case_by_hand() -> None:
    true = np.array([5.0, 12.0, 18.0, 30.0, 60.0])
    guess = np.array([11.0, 12.5, 25.0, 19.0, 61.0])
    figures = evaluate(true, guess, STEPS)
    assert figures["pairs"] == 5
    assert figures["near_pairs"] == 4
    assert figures["right_class_near"] == 0.25
    assert figures["right_or_next_near"] == 1
    assert figures["right_class_all"] == 0.4
    assert figures["bias_of_weights"] == round((2 / 3 + 2 / 3 + 1 / 3) / 2 - 1, 4)
    assert figures["mean_error_minutes"] == 4.5
    assert figures["median_error_minutes"] == 6.0
    assert figures["confusion"] == [[0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 1]]
