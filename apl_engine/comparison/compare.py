"""Two results beside each other: who changes zone, and what it comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

import polars as pl

from ..aids import AidRules
from ..errors import Fault, InputDataError
from ..geography.history.passage import Passage
from ..method.result import OnStep, Zoning
from ..notes import Note
from ..results.read import read_result
from ..runs.reproduce import Behind, GivenInputs, GivenNetwork, Rules, open_behind
from .attribution import CUT, changes_of, sums_of
from .contracts import Contracts, follow_contracts, read_contracts
from .counterfactual import Computed, Figures, Model, Published
from .intersections import parts_of, pieces_of, transitions_of
from .matching import match_communes
from .methodology_diff import Difference, check_comparable, touches

Given: TypeAlias = str | Path | Zoning
Side: TypeAlias = Literal["first", "second"]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What changed from one result to another.

    A piece is the communes of one territory of the first result and one of the second.

    Attributes
    ----------
    first, second : the two results, A and B.
    population : whose inhabitants are counted, ``first`` or ``second``.
    parts : the factors that changes of APL are split among, ``cut`` last. The first one is
        ``published_apl`` where supply, population and travel cannot be told apart.
    transitions : who goes from which zone to which, see `transitions_of`.
    pieces : all of them, see `pieces_of`.
    changes : those whose zone changed, and what it comes from, see `changes_of`.
    causes : the same added up, see `sums_of`.
    communes : the communes of both side by side, see `parts_of`.
    differing : the parameters that the two methodologies differ in.
    contracts : what becomes of running contracts, where these are given.
    notes : what does not meet, or cannot be told.
    """

    first: Zoning
    second: Zoning
    population: Side
    parts: tuple[str, ...]
    transitions: pl.DataFrame
    pieces: pl.DataFrame
    changes: pl.DataFrame
    causes: pl.DataFrame
    communes: pl.DataFrame
    differing: tuple[Difference, ...]
    contracts: Contracts | None
    notes: tuple[Note, ...]


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
    aid_rules: AidRules | None = None,
    on_step: OnStep | None = None,
) -> Comparison:
    """Compare two results: zones, and exactly what each change of zone comes from.

    Parameters
    ----------
    first, second : folders that `write_result` wrote, or results in memory; of other years,
        methodologies, meshes.
    passage : from the communes of the first to those of the second, see `passage_between`; where
        None, a commune is that of the same code.
    population : whose inhabitants are counted.
    methods_differ : whether the methodologies may differ; what that changes is a part of its own.
    inputs, networks : the tables and the prepared network of each; where None, those that its
        record tells of, if they are still there.
    apl_as_given : leave what stands behind the APLs aside, even where it is at hand.
    contracts : a table of running contracts, see `read_contracts`.
    aid_rules : for the terms of contracts, as from `load_aid_rules`; those shipped where None.
    on_step : called with a few words as each step begins.

    Returns
    -------
    Comparison

    Raises
    ------
    InputDataError
        A folder is none of a result or was edited, many communes have no counterpart, the two are
        of two professions, a network is not that of its result, or contracts are wrong.
    MethodologyError
        The methodologies differ, and `methods_differ` does not say so.
    ValueError
        `population` is neither first nor second.

    Examples
    --------
    >>> found = compare("zones-2024", "zones-2026")  # doctest: +SKIP
    >>> found.changes.select("territory_name_b", "zone_a", "zone_b", "main_part")  # doctest: +SKIP
    """
    if population not in ("first", "second"):
        raise ValueError(f"population must be first or second; got {population!r}")
    tell = on_step or (lambda _: None)
    tell("reading the results")
    zones = read_both(first, second)
    rules = zones[0].methodology, zones[1].methodology
    differing = check_comparable(*rules, methods_differ=methods_differ)
    running = None if contracts is None else read_contracts(contracts)
    side = int(population == "second")
    matching = match_communes(*zones, passage)
    figures = Figures(zones, matching, rules)
    behind = _behind(zones, rules, differing, inputs, networks, apl_as_given, on_step)
    tell("what changed")
    model: Model = Computed(figures, behind) if behind else Published(figures)
    names = (*model.factors, CUT)
    communes = parts_of(figures, side)
    pieces = pieces_of(communes, figures, side)
    changes = changes_of(pieces, figures, model)
    first_classes, second_classes = ([zone.id for zone in one.zoning.classes] for one in rules)
    classes = first_classes, second_classes
    return Comparison(
        first=zones[0],
        second=zones[1],
        population=population,
        parts=names,
        transitions=transitions_of(pieces, classes, side),
        pieces=pieces,
        changes=changes,
        causes=sums_of(changes, names, classes),
        communes=communes,
        differing=differing,
        contracts=None if running is None else follow_contracts(running, communes, aid_rules),
        notes=(*matching.notes, *_told(zones, behind, differing, apl_as_given)),
    )


def read_both(first: Given, second: Given) -> tuple[Zoning, Zoning]:
    """Read two results where they are folders; tell what is wrong with both at once.

    Parameters
    ----------
    first, second : as for `compare`.

    Returns
    -------
    tuple of Zones

    Raises
    ------
    InputDataError
        One or both are no result, or were edited.
    """
    found: list[Zoning] = []
    faults: list[Fault] = []
    for given in (first, second):
        try:
            found.append(given if isinstance(given, Zoning) else read_result(given))
            found[-1].check_whole()
        except InputDataError as error:
            faults += error.faults
    if faults:
        raise InputDataError(faults)
    return found[0], found[1]


def _behind(
    zones: tuple[Zoning, Zoning],
    rules: Rules,
    differing: tuple[Difference, ...],
    inputs: tuple[GivenInputs | None, GivenInputs | None],
    networks: tuple[GivenNetwork | None, GivenNetwork | None],
    apl_as_given: bool,
    on_step: OnStep | None,
) -> tuple[Behind, Behind] | None:
    """Open what stands behind both results; None where one of them does not tell."""
    if apl_as_given:
        return None
    found: list[Behind | None] = []
    faults: list[Fault] = []
    for side in (0, 1):
        try:
            found.append(
                open_behind(
                    side, zones[side], rules, inputs[side], networks[side],
                    with_tables=touches(differing), on_step=on_step,
                )
            )  # fmt: skip
        except InputDataError as error:
            name = "AB"[side]
            faults += [replace(fault, table=f"{name}: {fault.table}") for fault in error.faults]
    if faults:
        raise InputDataError(faults)
    one, two = found
    if one is None or two is None:
        return None
    if touches(differing) and not (one.has_tables and two.has_tables):
        return one.as_stored(0), two.as_stored(1)
    return one, two


def _told(
    zones: tuple[Zoning, Zoning],
    behind: tuple[Behind, Behind] | None,
    differing: tuple[Difference, ...],
    apl_as_given: bool,
) -> list[Note]:
    """Say what cannot be told apart."""
    notes = []
    ids = [one.methodology.id for one in zones]
    if ids[0] != ids[1] and not differing:
        text = f"methodologies {ids[0]} and {ids[1]} have the same rules"
        notes.append(Note("same_rules", details={"text": text}))
    if behind is None:
        given = "as given" if apl_as_given else "published, or what it was computed from is absent"
        text = f"the APL is {given}: supply, population and travel are not told apart within it"
        notes.append(Note("apl_as_given", warning=not apl_as_given, details={"text": text}))
    elif touches(differing) and not (behind[0].has_tables and behind[1].has_tables):
        text = (
            "rules on ETP or standardised inhabitants differ, and the tables they apply to are not "
            "at hand: what that changes is within supply and population"
        )
        notes.append(Note("rules_within_supply", warning=True, details={"text": text}))
    if any(one.key.startswith("mesh.") for one in differing):
        text = "rules on the mesh differ: what that changes is within geography"
        notes.append(Note("rules_within_geography", warning=True, details={"text": text}))
    return notes
