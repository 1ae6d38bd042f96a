"""Which figures to hide, so that every group of few practitioners is proven protected."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np

from ..columns import Flags, Float, Indices
from .worlds import TRUE, Group, Proof, World, Worlds

_NOBODY: Indices = np.empty(0, dtype=np.int64)
# Groups that are examined at once, far apart; the outcome depends on it, so it is a constant.
_AT_ONCE = 64
# Each time all that the linear program asks for is hidden; rounding to acts may need more.
_ATTEMPTS = 4


@dataclass(frozen=True)
class Protected:
    """What must be hidden, and why that is enough.

    Attributes
    ----------
    hidden : bool (n_figures,)
        The figures not published.
    proofs : sequence of tuple of Proof
        For each group; empty for one that nothing protects. With a colleague, no practitioner who
        practises alone is moved by all of them, save of the group itself.
    """

    hidden: Flags
    proofs: Sequence[tuple[Proof, ...]]

    @property
    def unprotected(self) -> list[int]:
        """The groups that figures which cannot be hidden disclose."""
        return [k for k, proofs in enumerate(self.proofs) if not proofs]


def protect(
    worlds: Worlds, groups: Sequence[Group], *, colleague: bool = False, threads: int | None = None
) -> Protected:
    """Hide figures until every group is protected, or cannot be.

    Groups that need nothing hidden are proven first. Each of the others, the least protected
    first, hides what a linear program asks for at the least cost; of that, all that is not
    necessary is published after all. Hiding never undoes a proof, and one world serves the proofs
    of all groups that it moves.

    Parameters
    ----------
    worlds : Worlds
        Its `hidden` is changed.
    groups : sequence of Group
    colleague : bool
        Whether the attacker may be a practitioner alone in its commune, who knows its own ETP.
    threads : int, optional
        Most threads; the outcome is the same for any number.

    Returns
    -------
    Protected
    """
    if not groups:
        return Protected(worlds.hidden.copy(), [])
    known = _Known(worlds, groups)
    surroundings = cache(lambda k: worlds.surroundings(groups[k]))
    proofs: dict[int, tuple[Proof, ...]] = {}
    stride = max(1, -(-len(groups) // _AT_ONCE))
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:

        def is_done(k: int) -> bool:
            # The worlds known may all move the ETP that a colleague knows.
            return k in proofs or (not colleague and known.proves(k))

        def examine(some: Iterable[int]) -> None:
            """Look for proofs without hiding anything."""
            left = [k for k in some if not is_done(k)]
            answers = pool.map(lambda k: _answer(worlds, groups[k], colleague), left)
            for k, answer in zip(left, list(answers), strict=True):
                known.add(answer.met)
                if not answer.open:
                    proofs[k] = answer.proofs

        for start in range(stride):
            examine(range(start, len(groups), stride))
        left = [k for k in range(len(groups)) if not is_done(k)]
        left.sort(key=lambda k: (known.share(k), k))
        while left:
            batch = list(_apart(worlds, surroundings, left))
            hiding = pool.map(lambda k: _hide(worlds, groups[k], colleague), batch)
            for k, answer in zip(batch, list(hiding), strict=True):
                known.add(answer.met)
                proofs[k] = () if answer.open else answer.proofs
            left = [k for k in left if not is_done(k)]
    found = [proofs[k] if k in proofs else (known.proof(k),) for k in range(len(groups))]
    return Protected(worlds.hidden.copy(), found)


class _Known:
    """The worlds met so far, in which each group is highest and lowest."""

    def __init__(self, worlds: Worlds, groups: Sequence[Group]) -> None:
        from scipy import sparse

        sizes = [len(group.columns) for group in groups]
        entries = [np.concatenate([getattr(g, n) for g in groups]) for n in ("weights", "columns")]
        pointers = np.concatenate([[0], np.cumsum(sizes)])
        shape = (len(groups), len(worlds.unknowns.values))
        self._members = sparse.csr_array((*entries, pointers), shape=shape).tocsc()
        self._wanted: Float = np.array([worlds.wanted(group) for group in groups])
        self._ends = (np.zeros(len(groups)), np.zeros(len(groups)))
        self._at = (np.zeros(len(groups), dtype=np.int64), np.zeros(len(groups), dtype=np.int64))
        self._worlds = [TRUE]

    def add(self, met: Iterable[World]) -> None:
        """Add worlds that give all that is published."""
        for world in met:
            change = self._members[:, world.columns] @ world.change
            for end, at, sign in zip(self._ends, self._at, (1.0, -1.0), strict=True):
                further = np.flatnonzero(sign * change > sign * end)
                end[further], at[further] = change[further], len(self._worlds)
            self._worlds.append(world)

    def share(self, group: int) -> float:
        """Return how far apart the ends of a group are, of what is wanted."""
        high, low = self._ends
        return float((high[group] - low[group]) / self._wanted[group])

    def proves(self, group: int) -> bool:
        """Return whether two of the worlds are a proof."""
        return self.share(group) >= 1

    def proof(self, group: int) -> Proof:
        """Return them."""
        return Proof(*(self._worlds[at[group]] for at in self._at))


def _apart(
    worlds: Worlds, surroundings: Callable[[int], Indices], order: Sequence[int]
) -> Iterator[int]:
    """Yield groups, in this order, none of which hides or reads a figure of another."""
    taken = np.zeros(len(worlds.hidden), dtype=np.bool_)
    # Not all of them: the first ones are to be served first.
    for k in order[:_AT_ONCE]:
        rows = surroundings(k)
        if not taken[rows].any():
            yield k
        taken[rows] = True


@dataclass(frozen=True)
class _Answer:
    """Proofs for a group, what is open, and all worlds met.

    `open` are the unknowns that no proof leaves as they are, one or none each time.
    """

    proofs: tuple[Proof, ...]
    open: tuple[Indices, ...]
    met: tuple[World, ...]


def _answer(worlds: Worlds, group: Group, colleague: bool) -> _Answer:
    first, met = worlds.prove(group, _NOBODY)
    if first is None:
        return _Answer((), (_NOBODY,), tuple(met))
    if not colleague:
        return _Answer((first,), (), tuple(met))
    # Whoever is moved by the first proof needs another that leaves it: one for all, or one each.
    others = np.setdiff1d(first.moved, group.columns)
    knowing = others[worlds.unknowns.alone[others]]
    if not len(knowing):
        return _Answer((first,), (), tuple(met))
    second, more = worlds.prove(group, knowing)
    if second:
        return _Answer((first, second), (), (*met, *more))
    each = [(one, worlds.prove(group, one)[0]) for one in knowing[:, None]]
    found = (proof for _, proof in each if proof)
    missing = tuple(one for one, proof in each if proof is None)
    return _Answer((first, *found), missing, tuple(met))


def _hide(worlds: Worlds, group: Group, colleague: bool) -> _Answer:
    """Hide what protects a group, and no more."""
    answer = _answer(worlds, group, colleague)
    asked: list[int] = []
    for _ in range(_ATTEMPTS):
        if not answer.open:
            break
        for fixed in answer.open:
            rows = worlds.hide_for(group, fixed)
            if rows is None:
                return _hide_all(worlds, group, colleague)
            worlds.hidden[rows] = True
            asked += rows.tolist()
        answer = _answer(worlds, group, colleague)
    if answer.open:
        return _hide_all(worlds, group, colleague)
    for row in sorted(asked, key=lambda row: (-worlds.figures.cost[row], row)):
        worlds.hidden[row] = False
        if not all(worlds.holds(world) for proof in answer.proofs for world in proof):
            worlds.hidden[row] = True
    # Worlds of proofs that did not last may differ in a figure published after all.
    lasting = tuple(world for world in answer.met if worlds.holds(world))
    return _Answer(answer.proofs, answer.open, lasting)


def _hide_all(worlds: Worlds, group: Group, colleague: bool) -> _Answer:
    """Hide all of a group that can be hidden: nothing is published of it but what must be."""
    touched = np.unique(worlds.figures.columns[:, group.columns].indices)
    worlds.hidden[touched[np.isfinite(worlds.figures.cost[touched])]] = True
    return _answer(worlds, group, colleague)
