"""Demand: the age-standardised inhabitants of each commune. Annexe, IV, 4.1.2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from .. import kernels
from ..columns import Indices, numbers, row_numbers
from ..errors import EXAMPLES, Fault, InputDataError, Note, check_arguments, first
from ..methodology.model import Methodology
from ..schemas import POPULATION, bands_of, communes_of, duplicate_fault, table_of

# Of so few, ratios are out of the range of floating point.
_NONE = 2.0**-300


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
    cells, people = np.zeros((n_communes, n_bands)), np.empty(n_bands)
    homes, of_bands = (row_numbers(population[name]) for name in ("commune", "age_band"))
    _check_cells(homes.astype(np.int64) * n_bands + of_bands)
    kernels.fill_bands(
        homes, of_bands, numbers(population["population"]), population.height, n_bands, cells
    )
    kernels.sum_bands(cells, n_communes, n_bands, people)
    fees = numbers(bands["fees"])
    per_head = np.divide(fees, people, out=np.zeros(n_bands), where=people > _NONE)
    everybody, all_fees = float(np.cumsum(people)[-1]), float(np.cumsum(fees)[-1])
    if everybody <= _NONE or all_fees <= _NONE:
        raise InputDataError(Fault("demand.none", "population"))
    if (unused := (people <= _NONE) & (fees > 0)).any():
        spent = tuple(bands["age_band"].cast(pl.String).filter(pl.Series(unused)))
        code, details = "consumption.fees_without_inhabitants", {"bands": spent}
        raise InputDataError(Fault(code, "consumption", column="fees", details=details))
    weight = per_head / (all_fees / everybody) if methodology.demand.normalised else per_head
    inhabitants, standardised = np.empty((2, n_communes))
    kernels.weight_bands(cells, weight, n_communes, n_bands, inhabitants, standardised)
    bands = bands.select("age_band", "fees").with_columns(
        population=people, fees_per_head=per_head, weight=weight
    )
    empty = np.flatnonzero(inhabitants == 0)
    notes = []
    if len(empty):
        # Few: an Enum takes long to iterate.
        examples = communes["commune"].gather(empty[:EXAMPLES]).cast(pl.String)
        notes = [Note("demand.no_inhabitants", len(empty), first(examples))]
    columns = {
        "commune": communes["commune"],
        "population": inhabitants,
        "standardised_population": standardised,
    }
    return Demand(pl.DataFrame(columns), bands, tuple(notes))


def _check_cells(cells: Indices) -> None:
    """Refuse two rows of one commune and age band: the kernel would take the last."""
    if not (cells[1:] > cells[:-1]).all() and len(np.unique(cells)) < len(cells):
        raise InputDataError(duplicate_fault(POPULATION))
