"""The events of communes played one day after the other, on pieces of communes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias

from .events import Change, Day

Changes: TypeAlias = Mapping[str, Sequence[Change]]


class Piece(NamedTuple):
    """What stayed together since the first event.

    Attributes
    ----------
    path : the code under which the events first speak of it, and the codes of the parts to which
        it came when it was cut.
    formers : the codes under which it was merged, one after the other.
    """

    path: tuple[str, ...]
    formers: tuple[str, ...] = ()


class Step(NamedTuple):
    """The last event that touched what is now a commune, and its first name."""

    date: date
    mod: str
    label: str | None


@dataclass(frozen=True)
class Replay:
    """What became of the communes between two days.

    Attributes
    ----------
    links : by old and new code, the last event between.
    names : the last name of each new code.
    """

    links: dict[tuple[str, str], Step]
    names: dict[str, str | None]


def replay(days: Sequence[Day], start: date, end: date) -> Replay:
    """Play all events up to `end`, and say what became of the communes of `start`.

    Events before `start` matter too: they tell which part of a commune goes where when a merger
    is undone.

    Parameters
    ----------
    days : as from `days_of`.
    start, end : the two days; events of the first are past, those of the second are not.

    Returns
    -------
    Replay
        Only of codes that events touch between the two days.
    """
    holding: dict[str, set[Piece]] = {}
    between = [day for day in days if start < day.date <= end]
    for changes in _leading_to(between, [day for day in days if day.date <= start]):
        _play(holding, changes)
    owner = {piece.path: code for code, pieces in holding.items() for piece in pieces}
    steps: dict[tuple[str, str], Step] = {}
    names: dict[str, str | None] = {}
    touched: set[str] = set()
    for day in between:
        taken = {}
        for code, change, piece in _play(holding, day.changes):
            origin = _owner(owner, piece.path)
            known = steps.get((origin, code))
            label = known.label if known else change.label_before
            taken[origin, change.after] = Step(day.date, change.mod, label)
            names[change.after] = change.label_after
        steps |= taken
        touched |= day.after
    links = {
        (origin, code): steps[origin, code]
        for code in sorted(touched & holding.keys())
        for origin in sorted({_owner(owner, piece.path) for piece in holding[code]})
        if (origin, code) in steps
    }
    return Replay(links, names)


def _leading_to(between: Sequence[Day], earlier: Sequence[Day]) -> list[Changes]:
    """Keep the earlier events of communes that later ones touch, and of all that came to them."""
    codes = set[str]().union(*(day.before | day.after for day in between))
    found: list[Changes] = []
    for day in reversed(earlier):
        if codes.isdisjoint(day.after):
            continue
        own = {
            before: changes
            for before, changes in day.changes.items()
            if any(change.after in codes for change in changes)
        }
        codes.update(own)
        found.append(own)
    return found[::-1]


def _owner(owner: dict[tuple[str, ...], str], path: tuple[str, ...]) -> str:
    """Return the commune of the first day that a piece, or what it was cut from, lay in."""
    for length in range(len(path), 0, -1):
        if (code := owner.get(path[:length])) is not None:
            return code
    return path[0]


def _play(holding: dict[str, set[Piece]], day: Changes) -> list[tuple[str, Change, Piece]]:
    """Move the pieces of one day; return each with the code it left and its change."""
    joined = Counter(c.after for changes in day.values() for c in changes)
    moved = {code: holding.pop(code, {Piece((code,))}) for code in day}
    played = []
    for code, changes in day.items():
        for change, piece in _shared_out(changes, moved[code]):
            if joined[change.after] > 1:
                piece = Piece(piece.path, (*piece.formers, code))
            elif len(changes) == 1:
                piece = _renamed(piece, code, change.after)
            holding.setdefault(change.after, set()).add(piece)
            played.append((code, change, piece))
    return played


def _shared_out(changes: Sequence[Change], pieces: set[Piece]) -> Iterable[tuple[Change, Piece]]:
    """Say which piece of a commune goes where; where it splits, what merged into it goes home."""
    if len(changes) == 1:
        return [(changes[0], piece) for piece in pieces]
    to = {change.after: change for change in changes}
    heir = _heir(changes)
    homes = {piece: _home(piece, to.keys() - {heir}) for piece in sorted(pieces)}
    staying = [piece for piece, home in homes.items() if home is None]
    shares: dict[str, list[Piece]] = {after: [] for after in to}
    for piece, home in homes.items():
        if home is not None:
            shares[home].append(piece._replace(formers=_before(piece.formers, home)))
    # Where nobody comes home to, that is cut out of what stays; the heir is what stays.
    cut = [after for after in to if after == heir or not shares[after]] if staying else []
    if staying and not cut:
        cut = list(to)
    for after in cut:
        shares[after] += [_part(piece, after, cut) for piece in staying]
    empty = [after for after in to if not shares[after]]
    for after in empty:
        shares[after] += [_part(piece, after, list(to)) for piece in homes]
    return [(to[after], piece) for after, found in shares.items() for piece in found]


def _renamed(piece: Piece, code: str, after: str) -> Piece:
    """Follow a commune that changes its code: it is the one that others merged with."""
    if code == after or code not in piece.formers:
        return piece
    formers = tuple(after if former == code else former for former in piece.formers)
    return piece._replace(formers=formers)


def _home(piece: Piece, codes: Iterable[str]) -> str | None:
    """Return the last code under which a piece was merged, of those given."""
    among = set(codes)
    return next((code for code in reversed(piece.formers) if code in among), None)


def _before(formers: tuple[str, ...], home: str) -> tuple[str, ...]:
    """Return what a piece went through before it was merged under the code `home`."""
    return formers[: len(formers) - 1 - formers[::-1].index(home)]


def _part(piece: Piece, after: str, parts: Sequence[str]) -> Piece:
    """Return the piece of a piece that comes to one of several parts."""
    return piece if len(parts) == 1 else Piece((*piece.path, after), piece.formers)


def _heir(changes: Sequence[Change]) -> str | None:
    """Return the code under which a commune that splits goes on: by its name, else as it was."""
    named = [c.after for c in changes if c.label_after and c.label_after == c.label_before]
    if len(named) == 1:
        return named[0]
    return next((c.after for c in changes if c.after == c.before), None)
