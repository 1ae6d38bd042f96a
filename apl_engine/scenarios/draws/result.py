"""What is counted of the draws of one methodology, as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from ...columns import Float, Indices
from ...errors import Fault, InputDataError, Note
from ...executors import Workers
from ...method.result import Result
from ..classes import Classifier
from .counts import StepCounts
from .models import RandomSupply
from .reduce import UNIT, Plan, count_draws
from .table import TableSupply

Share: TypeAlias = Fraction | float | str

#: Shares of the draws whose quantiles are given.
QUANTILES = tuple(Fraction(share) for share in ("0.05", "0.25", "0.5", "0.75", "0.95"))
#: ETP per `per_inhabitants` that APLs are rounded to before they are counted.
STEP = Fraction("0.1")


@dataclass(frozen=True, kw_only=True)
class Draws:
    """How often each territory is in each class, and how its APL and the cuts vary.

    Attributes
    ----------
    result : Result
        The run, whose supply is varied or replaced.
    count : int
        Number of draws.
    about : mapping
        What was drawn, as plain values.
    step : Fraction
        What APLs are rounded to, ETP per `per_inhabitants` of the methodology.
    classes : int64 (n_territories, n_classes)
        In how many draws each territory is in each class; all 0 for one without a zone.
    apl : StepCounts
        The APL of each territory, in steps; no counts for one without an APL.
    cuts : StepCounts
        The highest APL of a territory in each class or one below, in steps; for all classes but
        the last.
    computed_in_full : int
        Number of draws whose cuts or APLs were too close to call from a matrix of territories, so
        that the APLs of all communes were computed.
    notes : tuple of Note
        What was matched by rule or imputed in scenarios.
    """

    result: Result
    count: int
    about: Mapping[str, Any]
    step: Fraction
    classes: Indices
    apl: StepCounts
    cuts: StepCounts
    computed_in_full: int
    notes: tuple[Note, ...] = ()

    def territories(self, quantiles: Iterable[Share] = QUANTILES) -> pl.DataFrame:
        """Return the zone of each territory and how sure it is, and the quantiles of its APL.

        Parameters
        ----------
        quantiles : iterable of Fraction, float or str
            Shares of the draws, each from 0 to 1; taken as written, so that 0.1 is a tenth.

        Returns
        -------
        pl.DataFrame
            One row per territory, by code: ``territory``, ``territory_name``, ``region``,
            ``population``; ``zone`` (of the run) and ``zone_share`` (draws in it, %);
            ``likeliest_zone`` and ``likeliest_share`` (that of most draws); ``apl`` (of the run),
            ``apl_mean``, and for each quantile a column such as ``apl_p5``.
        """
        rows, ids = self.result.territories, self._ids()
        likeliest = np.argmax(self.classes, axis=1)
        zoned = self.classes.any(axis=1)
        place = {zone: k for k, zone in enumerate(ids)}
        own = np.array([place.get(zone, -1) for zone in rows["zone"].to_list()], dtype=np.int64)
        at = np.arange(len(own))
        return rows.select("territory", "territory_name", "region", "population").with_columns(
            rows["zone"].cast(pl.String),
            self._share("zone_share", self.classes[at, own], zoned & (own >= 0)),
            pl.Series("likeliest_zone", [*ids, None], dtype=pl.String)[
                np.where(zoned, likeliest, len(ids))
            ],
            self._share("likeliest_share", self.classes[at, likeliest], zoned),
            rows["apl"],
            *self._distribution(self.apl, quantiles),
        )

    def zones(self) -> pl.DataFrame:
        """Return in how many draws each territory is in each class.

        Returns
        -------
        pl.DataFrame
            One row per territory with a zone and class, by code, then class: ``territory``,
            ``territory_name``, ``zone``, ``draws``, ``share`` (%).
        """
        rows, ids = self.result.territories, self._ids()
        zoned = np.flatnonzero(self.classes.any(axis=1))
        counts = self.classes[zoned].reshape(-1)
        heads = rows.select("territory", "territory_name")[np.repeat(zoned, len(ids))]
        return heads.with_columns(
            pl.Series("zone", ids * len(zoned), dtype=pl.String),
            pl.Series("draws", counts),
            self._share("share", counts, np.ones(len(counts), dtype=bool)),
        )

    def cut_table(self, quantiles: Iterable[Share] = QUANTILES) -> pl.DataFrame:
        """Return how the end of each class but the last varies.

        Parameters
        ----------
        quantiles : iterable of Fraction
            As for `territories`.

        Returns
        -------
        pl.DataFrame
            One row per class but the last: ``zone``, ``draws`` (those with a territory in it or a
            class below), ``apl`` (highest of the run), ``apl_mean``, and the quantiles.
        """
        return pl.DataFrame(
            [
                pl.Series("zone", self._ids()[:-1], dtype=pl.String),
                pl.Series("draws", self.cuts.totals),
                pl.Series("apl", [cut.highest_apl for cut in self.result.cuts], dtype=pl.Float64),
                *self._distribution(self.cuts, quantiles),
            ]
        )

    def sure(self, share: Fraction) -> int:
        """Return how many territories are in their likeliest class in this share of the draws."""
        least = share * self.count
        return int(np.count_nonzero(self.classes.max(axis=1, initial=0) >= max(least, 1)))

    def _ids(self) -> list[str]:
        return [zone.id for zone in self.result.methodology.zoning.classes]

    def _share(self, name: str, counts: Indices, known: Any) -> pl.Series:
        shares = np.where(known, 100.0 * counts / self.count, np.nan)
        return pl.Series(name, shares, nan_to_null=True)

    def _distribution(self, counts: StepCounts, shares: Iterable[Share]) -> list[pl.Series]:
        named = {"apl_mean": counts.means()}
        for share in map(exact_share, shares):
            steps = counts.quantile(share)
            named[quantile_name(share)] = np.where(steps < 0, np.nan, steps)
        return [
            pl.Series(name, self._in_units(steps), nan_to_null=True)
            for name, steps in named.items()
        ]

    def _in_units(self, steps: Float) -> Float:
        # Rounded once: three steps of 1/10 are 0.3.
        return steps * self.step.numerator / self.step.denominator


def exact_share(share: Share) -> Fraction:
    """Return a share as it is written.

    Raises
    ------
    InputDataError
        It is not a number.
    """
    try:
        return share if isinstance(share, Fraction) else Fraction(str(share))
    except (ValueError, ZeroDivisionError):
        fault = Fault("argument.wrong_type", "quantiles", details={
            "expected": ("number",), "type": type(share).__name__,
        })  # fmt: skip
        raise InputDataError(fault) from None


def quantile_name(share: Fraction) -> str:
    """Return the name of the column of a quantile, such as ``apl_p5``."""
    return f"apl_p{float(100 * share):.12g}"


def draws_of(
    result: Result,
    supply: RandomSupply | TableSupply,
    workers: Workers,
    *,
    step: Fraction = STEP,
    keep: Callable[[int, bytes], Any] | None = None,
    threads: int | None = None,
    unit: int = UNIT,
) -> Draws:
    """Count the draws of a supply by the rules of a run.

    Parameters
    ----------
    result : Result
        For population, territories, network and methodology.
    supply : RandomSupply or TableSupply
        Of the communes of the result.
    workers : Workers
        What carries out units of work.
    step : Fraction
        What APLs are rounded to.
    keep : callable, optional
        See `count_draws`.
    threads : int, optional
        Number of threads if work is done here; the result is the same for any.
    unit : int
        Draws of a unit of work; the result is the same for any.

    Returns
    -------
    Draws

    Raises
    ------
    InputDataError
        Scenarios are wrong, with every fault; or APLs spread over too many steps.
    ExecutorError
        The workers cannot be used.
    """
    result.check_exact("result.published_scenarios")
    classifier = Classifier.of(
        result, result.network, supply.communes, imposed=True, threads=threads
    )
    plan = Plan(
        classifier,
        supply,
        result.territories["territory"],
        float(1 / step),
        keep is not None,
        workers.threads(threads),
    )
    label = f"draws of {result.methodology.id}"
    counted = count_draws(plan, workers, label, keep, unit)
    size, n_classes = result.territories.height, counted.classes.shape[1]
    classes = np.zeros((size, n_classes), dtype=np.int64)
    classes[classifier.rows[: classifier.n_ranked]] = counted.classes
    imposed = np.flatnonzero(classifier.contest.imposed >= 0)
    classes[imposed, classifier.contest.imposed[imposed]] = supply.count
    return Draws(
        result=result,
        count=supply.count,
        about=supply.about,
        step=step,
        classes=classes,
        apl=counted.apl.of_rows(classifier.rows, size),
        cuts=counted.cuts,
        computed_in_full=counted.in_full,
        notes=supply.notes,
    )
