"""Compare two results: changes of zone, and what each of them is due to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import polars as pl

from ..aids import AidRules
from ..errors import Fault, InputDataError, Note, OnStep, check_arguments, check_types
from ..geography.history.passage import Passage
from ..inputs import Inputs
from ..inputs.contracts import read_contracts
from ..inputs.named_columns import NamedColumns
from ..method.network import TravelNetwork
from ..method.result import Zoning
from ..results.read import read_result
from ..runs.reproduce import GivenInputs, GivenNetwork, Reproduced, Rules, reproduce
from ..steps import announce
from .attribution import CUT, add_changes, attribute_changes
from .contracts import Contracts, follow_contracts
from .counterfactual import Computed, Figures, Model, Published
from .intersections import communes_of_both, intersect_territories, transitions_between
from .matching import match_communes
from .methodology_diff import Difference, check_comparable, counting_differs
from .regions import regions_of_both

Given: TypeAlias = str | Path | Zoning
Side: TypeAlias = Literal["first", "second"]
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What changed from one result to another.

    An intersection is the communes of one territory of the first result and one of the second.

    Attributes
    ----------
    first, second : Zoning
        The two results, A and B.
    population : str
        The result whose inhabitants are counted, ``first`` or ``second``.
    parts : tuple of str
        The factors that changes of APL are split among, ``cut`` last. The first factor is
        ``published_apl`` if supply, population and travel cannot be separated.
    transitions : pl.DataFrame
        Inhabitants by zone in A and zone in B, see `transitions_between`.
    intersections : pl.DataFrame
        All intersections, see `intersect_territories`.
    changes : pl.DataFrame
        Those whose zone changed, and what that is due to, see `attribute_changes`.
    attribution : pl.DataFrame
        The same added up, see `add_changes`.
    regions : pl.DataFrame
        The shares of regions by class and their evolution, see `regions_of_both`.
    communes : pl.DataFrame
        The communes of both side by side, see `communes_of_both`.
    differing : tuple of Difference
        The parameters in which the methodologies differ.
    contracts : Contracts or None
        The outcome of running contracts, if they are given.
    notes : tuple of Note
        Unmatched communes, and factors that cannot be separated.
    """

    first: Zoning
    second: Zoning
    population: Side
    parts: tuple[str, ...]
    transitions: pl.DataFrame
    intersections: pl.DataFrame
    changes: pl.DataFrame
    attribution: pl.DataFrame
    regions: pl.DataFrame
    communes: pl.DataFrame
    differing: tuple[Difference, ...]
    contracts: Contracts | None
    notes: tuple[Note, ...]


@check_arguments(
    passage=(Passage, None), population=str, inputs=tuple, networks=tuple,
    aid_rules=(AidRules, None),
)  # fmt: skip
def compare(
    first: Given,
    second: Given,
    *,
    passage: Passage | None = None,
    population: Side = "second",
    methods_differ: bool = False,
    inputs: tuple[GivenInputs | None, GivenInputs | None] = (None, None),
    networks: tuple[GivenNetwork | None, GivenNetwork | None] = (None, None),
    apl_as_given: bool = False,
    contracts: object = None,
    columns: NamedColumns | None = None,
    aid_rules: AidRules | None = None,
    on_step: OnStep | None = None,
) -> Comparison:
    """Compare two results: their zones, and exactly what each change of zone is due to.

    Parameters
    ----------
    first, second : path or Zoning
        Folders that `write_result` wrote, or results in memory; years, methodologies and meshes
        may differ.
    passage : Passage, optional
        From the communes of the first to those of the second, see `passage_between`; by default
        communes are matched by code.
    population : str
        The result whose inhabitants are counted, ``first`` or ``second``.
    methods_differ : bool
        Whether the methodologies may differ; the effect of that is a part of its own.
    inputs, networks : tuple, optional
        The tables and the prepared network of each result; by default those named by its record,
        if they are still there.
    apl_as_given : bool
        Take the APLs as given, even if their inputs are available.
    contracts : path or frame, optional
        A table of running contracts, see `read_contracts`.
    columns : NamedColumns, optional
        Columns of tables that the user names.
    aid_rules : AidRules, optional
        The rules for their terms, as from `load_aid_rules`; by default those shipped.
    on_step : callable, optional
        Called with a few words as each step begins.

    Returns
    -------
    Comparison

    Raises
    ------
    InputDataError
        A folder is not a result or was edited, many communes are unmatched, the professions
        differ, inputs are not those of their result, contracts are wrong, or `population` is
        neither first nor second.
    MethodologyError
        The methodologies differ although `methods_differ` is not set.

    Examples
    --------
    >>> comparison = compare("zones-2024", "zones-2026")  # doctest: +SKIP
    >>> comparison.changes.select("territory_name_b", "zone_a", "main_part")  # doctest: +SKIP
    """
    for own_inputs, own_network in zip(inputs, networks, strict=False):
        check_types(
            inputs=(own_inputs, str, Path, Mapping, Inputs, None),
            networks=(own_network, str, Path, TravelNetwork, None),
        )
    sides = ("first", "second")
    if population not in sides:
        values, details = (str(population),), {"choices": sides}
        fault = Fault("argument.unknown_choice", "population", values=values, details=details)
        raise InputDataError(fault)
    report = partial(announce, on_step=on_step)
    report("reading the results")
    zones = read_both(first, second)
    rules = zones[0].methodology, zones[1].methodology
    differing = check_comparable(*rules, methods_differ=methods_differ)
    running = None if contracts is None else read_contracts(contracts, columns)
    side = sides.index(population)
    matching = match_communes(*zones, passage)
    figures = Figures(zones, matching, rules)
    by_other_rules = counting_differs(differing)
    reproduced = None
    if not apl_as_given:
        reproduced = _reproduce_both(
            zones, rules, inputs, networks, by_other_rules, columns, report
        )
    report("comparing the zones")
    model: Model = Computed(figures, reproduced) if reproduced else Published(figures)
    names = (*model.factors, CUT)
    communes = communes_of_both(figures, side)
    intersections = intersect_territories(communes, figures, side)
    changes = attribute_changes(intersections, figures, model)
    one, other = ([zone.id for zone in side_rules.zoning.classes] for side_rules in rules)
    same = [Note("comparison.same_result")] if zones[0] == zones[1] else []
    notes = (*matching.notes, *_inseparable(rules, reproduced, differing, apl_as_given), *same)
    return Comparison(
        first=zones[0],
        second=zones[1],
        population=population,
        parts=names,
        transitions=transitions_between(intersections, (one, other), side),
        intersections=intersections,
        changes=changes,
        attribution=add_changes(changes, names, (one, other)),
        regions=regions_of_both(*zones),
        communes=communes,
        differing=differing,
        contracts=None if running is None else follow_contracts(running, communes, aid_rules),
        notes=notes,
    )


@check_arguments(first=(str, Path, Zoning), second=(str, Path, Zoning))
def read_both(first: Given, second: Given, *, exact: bool = True) -> tuple[Zoning, Zoning]:
    """Read two results if they are folders; report the faults of both at once.

    Parameters
    ----------
    first, second
        As for `compare`.
    exact : bool
        Whether publications, whose figures are rounded or hidden, are refused.

    Returns
    -------
    tuple of Zoning

    Raises
    ------
    InputDataError
        One or both are not results, were edited, or are publications.
    """

    def read(given: Given) -> Zoning:
        zones = given if isinstance(given, Zoning) else read_result(given)
        if exact:
            zones.check_exact("result.published_compare")
        return zones

    return _both(lambda: read(first), lambda: read(second))


def _both(first: Callable[[], _T], second: Callable[[], _T]) -> tuple[_T, _T]:
    """Return two results of a kind; collect the faults of both."""
    made: list[_T] = []
    faults: list[Fault] = []
    for make in (first, second):
        try:
            made.append(make())
        except InputDataError as error:
            faults += error.faults
    if faults:
        raise InputDataError(faults)
    return made[0], made[1]


def _reproduce_both(
    zones: tuple[Zoning, Zoning],
    rules: Rules,
    inputs: tuple[GivenInputs | None, GivenInputs | None],
    networks: tuple[GivenNetwork | None, GivenNetwork | None],
    with_tables: bool,
    columns: NamedColumns | None,
    report: OnStep,
) -> tuple[Reproduced, Reproduced] | None:
    """Reproduce both results; None if the inputs of one of them are not available."""

    def one(side: int) -> Reproduced | None:
        name = "AB"[side]
        try:
            return reproduce(
                zones[side], rules, inputs[side], networks[side],
                with_tables=with_tables, columns=columns,
                on_step=lambda step: report(f"{name}: {step}"),
            )  # fmt: skip
        except InputDataError as error:
            raise InputDataError(
                replace(fault, table=f"{name}: {fault.table}") for fault in error.faults
            ) from error

    first, second = _both(lambda: one(0), lambda: one(1))
    if first is None or second is None:
        return None
    if with_tables and not (first.has_tables and second.has_tables):
        return first.as_stored(0), second.as_stored(1)
    return first, second


def _inseparable(
    rules: Rules,
    reproduced: tuple[Reproduced, Reproduced] | None,
    differing: tuple[Difference, ...],
    apl_as_given: bool,
) -> Iterable[Note]:
    """Report factors that cannot be separated from each other."""
    first, second = (one.id for one in rules)
    if first != second and not differing:
        yield Note("comparison.same_rules", details={"first": first, "second": second})
    if apl_as_given:
        yield Note("comparison.apl_as_given")
    elif reproduced is None:
        yield Note("comparison.inputs_unavailable", warning=True)
    elif counting_differs(differing) and not all(one.has_tables for one in reproduced):
        yield Note("comparison.rules_within_supply", warning=True)
    if any(one.key.startswith("mesh.") for one in differing):
        yield Note("comparison.rules_within_geography", warning=True)
