"""The quality of estimated travel times against those by road: steps, weights and minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...methodology.values import Step
from .points import Floats, Ints


def step_of(minutes: Floats, steps: Sequence[Step]) -> Ints:
    """Return the number of the step of each time, or len(steps) beyond the last.

    Parameters
    ----------
    minutes : ndarray of float64
    steps : sequence of Step
        [travel.steps] of a methodology.

    Returns
    -------
    ndarray of int64, of the same shape
    """
    number = np.zeros(minutes.shape, dtype=np.int64)
    for step in steps:
        bound = float(step.to)
        number += minutes > bound if step.included else minutes >= bound
    return number


def evaluate(true: Floats, estimated: Floats, steps: Sequence[Step]) -> dict[str, Any]:
    """Compare estimated with true minutes of the same pairs.

    Parameters
    ----------
    true, estimated : ndarray of float64, shape (n_pairs,)
        Minutes.
    steps : sequence of Step
        [travel.steps] of a methodology.

    Returns
    -------
    dict
        pairs : number of pairs. near_pairs : those within reach in truth or by the estimate.
        right_class_near, right_or_next_near, right_class_all : shares, of those and of all.
        bias_of_weights : sum of estimated over sum of true weights, less 1.
        mean_error_minutes, median_error_minutes : absolute, over pairs truly within reach.
        confusion : pairs by true step (rows) and estimated step (columns), the last is beyond.
    """
    real, guess = step_of(true, steps), step_of(estimated, steps)
    weights = np.array([*(float(step.weight) for step in steps), 0.0])
    near: NDArray[np.bool_] = (real < len(steps)) | (guess < len(steps))
    error = np.abs(estimated - true)[real < len(steps)]
    confusion = np.zeros((len(steps) + 1, len(steps) + 1), dtype=np.int64)
    np.add.at(confusion, (real, guess), 1)
    figures = {
        "right_class_near": (real == guess)[near].mean(),
        "right_or_next_near": (np.abs(real - guess) <= 1)[near].mean(),
        "right_class_all": (real == guess).mean(),
        "bias_of_weights": weights[guess].sum() / weights[real].sum() - 1,
        "mean_error_minutes": error.mean(),
        "median_error_minutes": np.median(error),
    }
    return {
        "pairs": len(true),
        "near_pairs": int(near.sum()),
        **{name: round(float(value), 4) for name, value in figures.items()},
        "confusion": confusion.tolist(),
    }
