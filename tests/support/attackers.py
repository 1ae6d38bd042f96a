"""Attackers of a publication: what they know, and how closely they bound the ETP of a group.

Written from the promise of docs/secrecy.md alone. All they use is the files of the publication,
travel times, and how many practitioners are counted where; the exact result serves to verify that
what they infer holds the truth, and to measure how close it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

ZONES = ("tres_sous_dotee", "sous_dotee", "intermediaire", "non_prioritaire")
SHARES = (15, 30, 70)
# What a solver may be off by, in APL or ETP: given to the attacker as room, never as knowledge.
_ROOM = 1e-6


@dataclass(frozen=True)
class Figures:
    """Published figures, whole intervals each: ``value +- step / 2``; null if hidden.

    Attributes
    ----------
    communes : pl.DataFrame
        ``commune``, ``apl``; all others of the publication, of which only exact ones are used.
    territories : pl.DataFrame
        ``territory``, ``apl``, ``etp``, ``zone``, ``population``, ``zone_reason``.
    total : float or None
        ETP of the country.
    commune_apl, territory_apl, territory_etp, total_etp : float
        Steps; 0 if figures are exact.
    """

    communes: pl.DataFrame
    territories: pl.DataFrame
    total: float | None
    commune_apl: float
    territory_apl: float
    territory_etp: float
    total_etp: float

    def rounded_only(self, steps: Figures) -> Figures:
        """Return exact figures rounded to the steps of others, nothing hidden."""

        def near(name: str, step: float) -> pl.Expr:
            return (pl.col(name) / step).round() * step

        return replace(
            steps,
            communes=self.communes.with_columns(near("apl", steps.commune_apl)),
            territories=self.territories.with_columns(
                near("apl", steps.territory_apl), near("etp", steps.territory_etp)
            ),
            total=None if self.total is None else round(self.total / 10) * 10,
        )


def figures_of(folder: Path) -> Figures:
    """Read the figures of a result or of its publication."""
    record = json.loads((folder / "record.json").read_text("utf-8"))
    steps = (record.get("publication") or {}).get("steps", {})
    communes = pl.read_parquet(folder / "communes.parquet").sort("commune")
    return Figures(
        communes.with_columns(pl.col("commune", "territory").cast(pl.String)),
        pl.read_parquet(folder / "territories.parquet")
        .with_columns(pl.col("territory", "zone").cast(pl.String))
        .sort("territory"),
        record["totals"]["etp"],
        *(
            float(steps.get(name, 0))
            for name in ("commune_apl", "territory_apl", "territory_etp", "total_etp")
        ),
    )


@dataclass(frozen=True)
class Group:
    """The practitioners of a commune or a territory, fewer than N; or those who came or left.

    Its ETP is the sum of some columns, each with a sign, and of what is known already.
    """

    name: str
    columns: tuple[int, ...]
    etp: float
    signs: tuple[float, ...] = ()
    known: float = 0.0


@dataclass(frozen=True)
class Bound:
    """What is inferred of a group."""

    group: Group
    low: float
    high: float

    @property
    def ratio(self) -> float:
        """Half the width over the ETP."""
        return (self.high - self.low) / 2 / self.group.etp if self.group.etp else np.inf

    @property
    def holds_truth(self) -> bool:
        slack = 1e-4 * max(1.0, self.group.etp)
        return self.low - slack <= self.group.etp <= self.high + slack


class Attacker:
    """Who knows everything but the ETP of communes.

    Parameters
    ----------
    tables : dict of str to DataFrame
        The inputs; of practitioners nothing is read.
    out : Path
        The exact result: counts of practitioners, and the truth to compare with.
    least : bool
        Each practitioner has one practice, and so the fewest acts that count.
    """

    def __init__(self, tables: dict[str, pl.DataFrame], out: Path, *, least: bool) -> None:
        self.exact = figures_of(out)
        record = json.loads((out / "record.json").read_text("utf-8"))
        self.reference = record["reference_values"]
        self.least = least
        self.median = float(self.reference["median_acts"])
        self.cap = max(float(self.reference["ceiling_acts"]) / self.median, 1.0)
        communes, territories = self.exact.communes, self.exact.territories
        self.codes = communes["commune"]
        place = {code: k for k, code in enumerate(self.codes)}
        size = len(place)
        times = tables["travel_times"]
        minutes = times["minutes"].cast(pl.Float32).to_numpy()
        weight = np.select([minutes < 10, minutes < 15, minutes <= 20], [1.0, 2 / 3, 1 / 3], 0.0)
        rows = np.array([place[code] for code in times["origin"].cast(pl.String)], dtype=int)
        columns = np.array(
            [place[code] for code in times["destination"].cast(pl.String)], dtype=int
        )
        apart = rows != columns
        reach = sparse.csr_array(
            (weight[apart], (rows[apart], columns[apart])), shape=(size, size)
        ) + sparse.eye_array(size, format="csr")
        self.people = communes["standardised_population"].to_numpy()
        reached = reach.T @ self.people
        assert np.allclose(reached, communes["demand_reached"].to_numpy())
        inverse = np.divide(1e5, reached, out=np.zeros(size), where=reached > 0)
        matrix = (reach @ sparse.diags_array(inverse)).tocsr()
        headcount = communes["practitioners"].fill_null(0).to_numpy()
        self.supplied = np.flatnonzero(headcount > 0)
        self.headcount = headcount[self.supplied]
        self.truth = communes["etp"].to_numpy()[self.supplied]
        self.apl = matrix[:, self.supplied].tocsr()
        index = {code: k for k, code in enumerate(territories["territory"])}
        self.home = np.array([index[code] for code in communes["territory"]], dtype=int)
        member = sparse.csr_array(
            (np.ones(size), (self.home, np.arange(size))), shape=(len(index), size)
        )
        shares = member @ sparse.diags_array(self.people)
        total = np.asarray(shares.sum(axis=1)).ravel()
        means = sparse.diags_array(np.divide(1.0, total, out=np.zeros(len(index)), where=total > 0))
        self.territory_apl = (means @ shares @ self.apl).tocsr()
        self.member = member[:, self.supplied].tocsr()
        self.territory_headcount = territories["practitioners"].fill_null(0).to_numpy()
        self.low = self.headcount * (544 / self.median if least else 0.0)
        self.high = self.headcount * self.cap
        self.cuts = [
            None
            if cut["highest_apl"] is None or cut["next_apl"] is None
            else (cut["highest_apl"] + cut["next_apl"]) / 2
            for cut in self.reference["cuts"]
        ]

    def groups(self, fewer_than: int) -> list[Group]:
        """All groups that the promise protects."""
        found = [
            Group(f"commune {self.codes[int(self.supplied[k])]}", (k,), float(self.truth[k]))
            for k in np.flatnonzero(self.headcount < fewer_than).tolist()
        ]
        few = (self.territory_headcount > 0) & (self.territory_headcount < fewer_than)
        for row in np.flatnonzero(few).tolist():
            columns = tuple(self.member.indices[slice(*self.member.indptr[row : row + 2])].tolist())
            etp = float(self.truth[list(columns)].sum())
            found.append(
                Group(f"territory {self.exact.territories['territory'][row]}", columns, etp)
            )
        return found

    def system(self, figures: Figures) -> System:
        """Return all that published figures say, as rows of sums over the ETP of communes."""
        # A practitioner of two communes of a territory counts once for its cap.
        territories = np.full(self.member.shape[0], -np.inf), self.territory_headcount * self.cap
        rows = [(self.member, *territories)]
        rows.append(_interval(self.apl, figures.communes["apl"], figures.commune_apl))
        ours = figures.territories["apl"], figures.territory_apl
        rows.append(_interval(self.territory_apl, *ours))
        rows.append(_interval(self.member, figures.territories["etp"], figures.territory_etp))
        if figures.total is not None:
            every = sparse.csr_array(np.ones((1, len(self.truth))))
            rows.append(_interval(every, pl.Series([figures.total]), figures.total_etp))
        rows.append(self._zone_rows(figures))
        matrix, low, high = (list(part) for part in zip(*rows, strict=True))
        return System(
            sparse.csr_array(sparse.vstack(matrix)),
            np.concatenate(low),
            np.concatenate(high),
            self.low.astype(float),
            self.high.astype(float),
        )

    def _zone_rows(self, figures: Figures) -> tuple[Any, Any, Any]:
        zone, ranked = figures.territories["zone"], figures.territories["zone_reason"] == "ranked"
        low, high = np.full(len(zone), -np.inf), np.full(len(zone), np.inf)
        for row, (name, counts) in enumerate(zip(zone, ranked, strict=True)):
            if name is None or not counts:
                continue
            k = ZONES.index(name)
            below = [cut for cut in self.cuts[:k] if cut is not None]
            above = [cut for cut in self.cuts[k:] if cut is not None]
            low[row] = max(below, default=-np.inf) - _ROOM
            high[row] = min(above, default=np.inf) + _ROOM
        return self.territory_apl, low, high

    def knowing_counts(self, system: System, counts: dict[str, Any]) -> System:
        """Add what national counts say: how many count for one ETP as newly installed.

        A column more for each commune: how many of its practitioners count by their acts.
        """
        wider = system.with_columns(np.zeros(len(self.headcount)), self.headcount)
        each, many = sparse.eye_array(len(self.headcount)), self.headcount.astype(float)
        unbounded = np.full(len(many), np.inf)
        least = 544 / self.median if self.least else 0.0
        wider = wider.with_rows(sparse.hstack([each, (1 - least) * each]), many, unbounded)
        wider = wider.with_rows(sparse.hstack([each, (1 - self.cap) * each]), -unbounded, many)
        if counts["newly_installed"] is None:
            return wider
        every = np.concatenate([np.zeros(len(many)), np.ones(len(many))])[None, :]
        by_acts = float(counts["counted"] - counts["newly_installed"])
        return wider.with_rows(sparse.csr_array(every), by_acts, by_acts)

    def knowing_order(self, system: System, figures: Figures) -> System:
        """Add what the order behind the zones says, each cut at most its share of inhabitants.

        The first territory beyond a cut has more inhabitants than the cut had room for: each that
        has fewer is preceded by one that has not.
        """
        zone = figures.territories["zone"].to_list()
        ranked = np.array(figures.territories["zone_reason"] == "ranked")
        place = np.array([ZONES.index(z) if z in ZONES else -1 for z in zone])
        people = figures.territories["population"].to_numpy()
        highest = float((self.territory_apl @ self.high).max())
        for k, share in enumerate(SHARES):
            room = share / 100 * people[ranked].sum() - people[ranked & (place <= k)].sum()
            beyond = ranked & (place > k)
            large = np.flatnonzero(beyond & (people > room))
            small = np.flatnonzero(beyond & (people <= room))
            if not len(small) or not len(large):
                continue
            known = system.matrix.shape[1]
            system = system.with_columns(np.zeros(len(large)), np.ones(len(large)))
            first = sparse.csr_array(
                (np.ones(len(large)), (np.zeros(len(large), int), known + np.arange(len(large)))),
                shape=(1, known + len(large)),
            )
            system = system.with_rows(first, 1.0, np.inf)
            # If one of the large ones is the first, no small one is below it.
            pairs = [(j, t, u) for j, t in enumerate(large.tolist()) for u in small.tolist()]
            apl = sparse.csr_array(
                sparse.vstack(
                    [self.territory_apl[[u]] - self.territory_apl[[t]] for _, t, u in pairs]
                )
            )
            pad = sparse.csr_array((len(pairs), known - apl.shape[1]))
            chosen = sparse.csr_array(
                (
                    np.full(len(pairs), -highest),
                    (np.arange(len(pairs)), [j for j, _, _ in pairs]),
                ),
                shape=(len(pairs), len(large)),
            )
            system = system.with_rows(
                sparse.hstack([apl, pad, chosen]),
                np.full(len(pairs), -highest - _ROOM),
                np.full(len(pairs), np.inf),
            )
        return system


def _interval(matrix: Any, values: pl.Series, step: float) -> tuple[Any, Any, Any]:
    shown = np.flatnonzero(values.is_not_null().to_numpy())
    centre = values.cast(pl.Float64).to_numpy()[shown]
    half = step / 2 + _ROOM
    return matrix[shown], np.maximum(centre - half, -_ROOM), centre + half


@dataclass(frozen=True)
class System:
    """Rows ``low <= matrix @ x <= high`` over the ETP x of communes, ``least <= x <= most``.

    ``units`` times x are whole numbers, where they are not 0.
    """

    matrix: Any
    low: Any
    high: Any
    least: Any
    most: Any
    units: Any = None

    def with_rows(self, matrix: Any, low: Any, high: Any) -> System:
        """Return the system with rows more."""
        return replace(
            self,
            matrix=sparse.csr_array(sparse.vstack([self.matrix, matrix])),
            low=np.concatenate([self.low, np.atleast_1d(low)]),
            high=np.concatenate([self.high, np.atleast_1d(high)]),
        )

    def with_columns(self, least: Any, most: Any) -> System:
        """Return the system with whole numbers more, of which it says nothing yet."""
        added, known = len(least), len(self.least)
        empty = sparse.csr_array((self.matrix.shape[0], added))
        units = np.zeros(known) if self.units is None else self.units
        return replace(
            self,
            matrix=sparse.csr_array(sparse.hstack([self.matrix, empty])),
            least=np.concatenate([self.least, least]),
            most=np.concatenate([self.most, most]),
            units=np.concatenate([units, np.ones(added)]),
        )

    def of_whole_acts(self, median: float) -> System:
        """Return the system in which the ETP of each commune is a whole number over the median."""
        units = np.zeros(len(self.least)) if self.units is None else self.units
        return replace(self, units=np.where(units > 0, units, median))

    def knowing(self, column: int, etp: float) -> System:
        """Return the same for somebody who knows the ETP of one commune."""
        least, most = self.least.copy(), self.most.copy()
        least[column], most[column] = etp - _ROOM, etp + _ROOM
        return replace(self, least=least, most=most)

    def holds(self, truth: Any) -> bool:
        """Whether the truth is among what the rows allow; else the attack is wrong."""
        value = self.matrix @ truth
        room = 2 * _ROOM * np.maximum(1.0, np.abs(value))
        return bool(
            (value >= self.low - room).all()
            and (value <= self.high + room).all()
            and (truth >= self.least - _ROOM).all()
            and (truth <= self.most + _ROOM).all()
        )

    def near(self, columns: Sequence[int], most: int) -> tuple[System, Any]:
        """Return what all rows say of a group and its neighbours, of which there are `most`.

        The others may be anything within their bounds: what is inferred stays true.
        """
        matrix, size = self.matrix, self.matrix.shape[1]
        taken = np.array(sorted(columns), dtype=int)
        # National rows would take all there are in one step.
        local = np.diff(matrix.indptr) <= max(most // 3, 8)
        while size > most:
            rows = np.unique(self._by_column[:, taken].indices)
            wider = np.union1d(taken, matrix[rows[local[rows]]].indices)
            if len(wider) > most or len(wider) == len(taken):
                break
            taken = wider
        if size <= most:
            taken = np.arange(size)
        rows = np.unique(self._by_column[:, taken].indices)
        away = np.ones(size)
        away[taken] = 0.0
        up, down = matrix[rows].maximum(0), matrix[rows].minimum(0)
        fewest = up @ (self.least * away) + down @ (self.most * away)
        highest = up @ (self.most * away) + down @ (self.least * away)
        part = System(
            matrix[rows][:, taken],
            self.low[rows] - highest,
            self.high[rows] - fewest,
            self.least[taken],
            self.most[taken],
            None if self.units is None else self.units[taken],
        )
        return part, taken

    @cached_property
    def _by_column(self) -> Any:
        return self.matrix.tocsc()

    def bound(self, group: Group, *, most: int = 250) -> Bound:
        """Bound the ETP of a group by `most` columns in its neighbourhood."""
        part, taken = self.near(group.columns, most)
        aim = np.zeros(len(taken))
        aim[np.searchsorted(taken, np.array(group.columns))] = group.signs or 1.0
        solve = _program if part.units is None else _whole
        ends = [sign * solve(part, sign * aim) + group.known for sign in (1.0, -1.0)]
        return Bound(group, *ends)

    def closest(
        self, group: Group, *, sizes: Sequence[int] = (60, 250), enough: float = 0.5
    ) -> Bound:
        """Bound the ETP by ever more neighbours, until it is disclosed or far from it."""
        for most in sizes:
            found = self.bound(group, most=most)
            if disclosed([found]) or found.ratio > enough:
                break
        return found


def _program(part: System, aim: Any) -> float:
    """Return the least of `aim @ x`, whole numbers or not."""
    up, down = np.isfinite(part.high), np.isfinite(part.low)
    done = linprog(
        aim,
        A_ub=sparse.csr_array(sparse.vstack([part.matrix[up], -part.matrix[down]])),
        b_ub=np.concatenate([part.high[up], -part.low[down]]),
        bounds=np.column_stack([part.least, part.most]),
        method="highs",
    )
    assert done.status != 2, "no world has all published figures: the attack is wrong"
    # What was not solved to the end bounds nothing.
    free = aim.clip(min=0) @ part.least + aim.clip(max=0) @ part.most
    return float(done.fun if done.status == 0 else free)


def _whole(part: System, aim: Any, seconds: float = 5.0) -> float:
    """Return a proven lower bound of `aim @ x` over whole numbers."""
    whole, scale = part.units > 0, np.where(part.units > 0, part.units, 1.0)
    least, most = part.least * scale, part.most * scale
    done = milp(
        aim / scale,
        integrality=whole.astype(int),
        bounds=Bounds(
            np.where(whole, np.ceil(least - 1e-6), least),
            np.where(whole, np.floor(most + 1e-6), most),
        ),
        constraints=LinearConstraint(
            sparse.csr_array(part.matrix / scale[None, :]), part.low, part.high
        ),
        options={"time_limit": seconds, "mip_rel_gap": 1e-4},
    )
    assert done.status != 2, "no world of whole numbers has all published figures"
    bound = done.mip_dual_bound
    return float(bound) if bound is not None and np.isfinite(bound) else _program(part, aim)


@dataclass(frozen=True)
class TwoYears:
    """Two releases together, by somebody who knows how each commune changed that kept its numbers.

    One column for a commune of as many practitioners as before; else one for each year.
    """

    system: System
    groups: list[Group]
    truth: Any


def two_years(
    before: tuple[Attacker, Figures], after: tuple[Attacker, Figures], fewer_than: int = 5
) -> TwoYears:
    """Join two releases of the same communes."""
    one, two = before[0], after[0]
    first, second = before[0].system(before[1]), after[0].system(after[1])
    was = dict(zip(one.supplied.tolist(), range(len(one.supplied)), strict=True))
    columns, change, fresh = [], [], []
    for k, commune in enumerate(two.supplied.tolist()):
        old = was.get(commune)
        if old is not None and one.headcount[old] == two.headcount[k]:
            columns.append(old)
            change.append(two.truth[k] - one.truth[old])
        else:
            columns.append(len(one.truth) + len(fresh))
            change.append(0.0)
            fresh.append(k)
    size, shift = len(one.truth) + len(fresh), np.array(change)
    place = sparse.csr_array(
        (np.ones(len(columns)), (np.arange(len(columns)), columns)), shape=(len(columns), size)
    )
    later = second.matrix @ place
    moved = second.matrix @ shift
    wider = sparse.hstack([first.matrix, sparse.csr_array((first.matrix.shape[0], len(fresh)))])
    least = np.concatenate([first.least, second.least[fresh]])
    most = np.concatenate([first.most, second.most[fresh]])
    for k, column in enumerate(columns):
        least[column] = max(least[column], second.least[k] - shift[k])
        most[column] = min(most[column], second.most[k] - shift[k])
    system = System(
        sparse.csr_array(sparse.vstack([wider, later])),
        np.concatenate([first.low, second.low - moved]),
        np.concatenate([first.high, second.high - moved]),
        least,
        most,
    )
    groups = [
        replace(
            group,
            columns=tuple(columns[k] for k in group.columns),
            known=float(sum(shift[k] for k in group.columns)),
        )
        for group in two.groups(fewer_than)
    ]
    now = dict(zip(two.supplied.tolist(), range(len(two.supplied)), strict=True))
    kept = {column for column in columns if column < len(one.truth)}
    groups += [
        replace(group, name=f"{group.name} before")
        for group in one.groups(fewer_than)
        if group.name.startswith("commune") and group.columns[0] not in kept
    ]
    for commune in sorted({*was, *now}):
        old, new = was.get(commune), now.get(commune)
        n_old = one.headcount[old] if old is not None else 0
        n_new = two.headcount[new] if new is not None else 0
        if not 0 < abs(n_old - n_new) < fewer_than:
            continue
        sign = 1.0 if n_new > n_old else -1.0
        parts = [(columns[new], sign, two.truth[new])] if new is not None else []
        parts += [(old, -sign, one.truth[old])] if old is not None else []
        etp = float(sum(s * x for _, s, x in parts))
        # Several came and left: nobody's ETP is their difference.
        if etp > 0:
            groups.append(
                Group(
                    f"commune {two.codes[commune]} changed",
                    tuple(c for c, _, _ in parts),
                    etp,
                    tuple(s for _, s, _ in parts),
                )
            )
    return TwoYears(system, groups, np.concatenate([one.truth, two.truth[fresh]]))


def disclosed(bounds: Sequence[Bound], protection: float = 0.2) -> list[Bound]:
    """Return the groups that are inferred more closely than promised."""
    return [one for one in bounds if one.ratio < protection * (1 - 1e-3)]


def shortest_vectors(rows: list[list[int]]) -> list[list[int]]:
    """Return a reduced basis of the lattice of some vectors (Lenstra, Lenstra and Lovasz)."""
    basis = [list(row) for row in rows]

    def dot(one: Sequence[Any], two: Sequence[Any]) -> Any:
        return sum(a * b for a, b in zip(one, two, strict=True))

    def orthogonal() -> tuple[list[list[Fraction]], list[list[Fraction]]]:
        star: list[list[Fraction]] = []
        ratio = [[Fraction(0)] * len(basis) for _ in basis]
        for i, row in enumerate(basis):
            vector = [Fraction(a) for a in row]
            for j in range(i):
                ratio[i][j] = dot(row, star[j]) / dot(star[j], star[j])
                vector = [a - ratio[i][j] * b for a, b in zip(vector, star[j], strict=True)]
            star.append(vector)
        return star, ratio

    k = 1
    star, ratio = orthogonal()
    while k < len(basis):
        for j in reversed(range(k)):
            if times := round(ratio[k][j]):
                basis[k] = [a - times * b for a, b in zip(basis[k], basis[j], strict=True)]
                star, ratio = orthogonal()
        short = (Fraction(3, 4) - ratio[k][k - 1] ** 2) * dot(star[k - 1], star[k - 1])
        if dot(star[k], star[k]) >= short:
            k += 1
        else:
            basis[k - 1], basis[k] = basis[k], basis[k - 1]
            star, ratio = orthogonal()
            k = max(k - 1, 1)
    return basis


def acts_from_one_figure(
    factors: Sequence[float], value: float, most: Sequence[int], precision: float
) -> list[int] | None:
    """Find whole numbers n with ``sum(factors * n) = value`` to a precision, by a lattice.

    The one answer if there seems to be only one, else None: the shortest vector must be within all
    bounds, and so much shorter than any other that the precision cannot give two.
    """
    scale = Fraction(max(most)) / Fraction(precision)
    middle = [int(top) // 2 for top in most]
    target = Fraction(value) - sum(
        (Fraction(f) * m for f, m in zip(factors, middle, strict=True)), Fraction(0)
    )
    size, mark = len(factors), max(most) // 2 or 1
    rows = [
        [int(i == j) for j in range(size)] + [0, round(Fraction(f) * scale)]
        for i, f in enumerate(factors)
    ]
    rows.append([0] * size + [mark, round(-target * scale)])
    reduced = shortest_vectors(rows)
    short = [row for row in reduced if row[size] == 0]
    # Another answer would differ by a vector of the lattice without the mark.
    if any(
        abs(row[-1]) <= 2 * max(most)
        and all(abs(a) <= top for a, top in zip(row[:size], most, strict=True))
        and any(row[:size])
        for row in short
    ):
        return None
    for row in reduced:
        if abs(row[size]) != mark:
            continue
        sign = row[size] // mark
        acts = [m + sign * a for m, a in zip(middle, row[:size], strict=True)]
        if all(0 <= a <= top for a, top in zip(acts, most, strict=True)):
            return acts
    return None


def lattice(attacker: Attacker, figures: Figures, most_unknown: int = 3) -> Iterator[int]:
    """Yield the columns whose acts one figure in full precision fixes, with three unknowns."""
    step = max(figures.commune_apl, 1e-11)
    values = figures.communes["apl"].cast(pl.Float64).to_numpy()
    for row in np.flatnonzero(~np.isnan(values)).tolist():
        columns = attacker.apl.indices[slice(*attacker.apl.indptr[row : row + 2])].tolist()
        if not 1 <= len(columns) <= most_unknown:
            continue
        factors = [float(attacker.apl[row, k]) / attacker.median for k in columns]
        most = [int(attacker.high[k] * attacker.median + 1) for k in columns]
        precision = max(step, abs(values[row]) * 4e-16)
        acts = acts_from_one_figure(factors, float(values[row]), most, precision)
        if acts is None:
            continue
        for k, number in zip(columns, acts, strict=True):
            if abs(number / attacker.median - attacker.truth[k]) < 1e-6:
                yield k
