"""Demand: the age-standardised inhabitants of each commune. Annexe, IV, 4.1.2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from ..columns import numbers, row_numbers, sums
from ..errors import Fault, InputDataError, Note, check_arguments, first
from ..kernels.types import Float
from ..methodology.model import Methodology
from ..schemas import POPULATION, bands_of, communes_of, table_of


@dataclass(frozen=True)
class Demand:
    """The demand of each commune.

    Attributes
    ----------
    communes : pl.DataFrame
        One row per commune, sorted by code: ``commune``, ``population``,
        ``standardised_population``; 0 if the table population has no row.
    bands : pl.DataFrame
        One row per age band: ``age_band``, ``population``, ``fees`` (EUR), ``fees_per_head``
        (EUR), ``weight`` (standardised inhabitants per inhabitant).
    notes : tuple of Note
        Communes without inhabitants.
    """

    communes: pl.DataFrame
    bands: pl.DataFrame
    notes: tuple[Note, ...] = ()


@check_arguments(methodology=Methodology)
def compute_demand(
    population: pl.DataFrame,
    consumption: pl.DataFrame,
    communes: pl.DataFrame,
    methodology: Methodology,
) -> Demand:
    """Weight inhabitants by the consumption of their age band.

    Standardised population = sum over age bands of population times the fees per head of the
    band, relative to the fees per head of all (arrêté of 20 March 2024, annexe, IV, 4.1.2).

    Parameters
    ----------
    population : pl.DataFrame
        Inhabitants by commune and age band, see `schemas.POPULATION`; in any order.
    consumption : pl.DataFrame
        Fees by age band, EUR, see `schemas.CONSUMPTION`.
    communes : pl.DataFrame
        With a column ``commune``, see `schemas.COMMUNES`.
    methodology : Methodology
        Section ``demand``.

    Returns
    -------
    Demand

    Raises
    ------
    InputDataError
        A table cannot be used, or no commune has inhabitants, or no band has fees.
    """
    communes, codes = communes_of(communes)
    bands, ages = bands_of(consumption)
    population = table_of(
        population, POPULATION, POPULATION.names, {"commune": codes, "age_band": ages}
    )
    n_bands, n_communes = bands.height, communes.height
    cells = _cells(population, (n_bands, n_communes))
    starts = np.arange(n_bands + 1, dtype=np.int64) * n_communes
    people = sums(starts, cells.ravel())
    fees = numbers(bands["fees"])
    per_head = np.divide(fees, people, out=np.zeros(n_bands), where=people > 0)
    everybody, all_fees = float(np.cumsum(people)[-1]), float(np.cumsum(fees)[-1])
    if everybody <= 0 or all_fees <= 0:
        raise InputDataError(Fault("demand.none", "population"))
    weight = per_head / (all_fees / everybody) if methodology.demand.normalised else per_head
    standardised = pl.DataFrame(
        {
            "commune": communes["commune"],
            "population": _weighted(cells, np.ones(n_bands)),
            "standardised_population": _weighted(cells, weight),
        }
    )
    bands = bands.select("age_band", "fees").with_columns(
        population=people, fees_per_head=per_head, weight=weight
    )
    empty = standardised.filter(pl.col("population") == 0)["commune"]
    notes = (Note("demand.no_inhabitants", len(empty), first(empty)),) if len(empty) else ()
    return Demand(standardised, bands, notes)


def _cells(population: pl.DataFrame, shape: tuple[int, int]) -> Float:
    """Return inhabitants by age band and commune, shape (n_bands, n_communes).

    Each cell is written once, so the order of the rows does not matter.
    """
    cells = np.zeros(shape[0] * shape[1])
    # One index is faster than two.
    band = row_numbers(population["age_band"]).astype(np.int64)
    cells[band * shape[1] + row_numbers(population["commune"])] = numbers(population["population"])
    return cells.reshape(shape)


def _weighted(cells: Float, weights: Float) -> Float:
    """Return the weighted sum over bands, added in their order, shape (n_communes,)."""
    total = np.zeros(cells.shape[1])
    for band, weight in zip(cells, weights, strict=True):
        total += band * weight
    return total
