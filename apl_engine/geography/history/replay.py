"""Events of communes replayed day by day on the areas that communes are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias

from .events import Event, EventDay

EventsByCode: TypeAlias = Mapping[str, Sequence[Event]]


class Area(NamedTuple):
    """An area that no event has divided so far.

    Attributes
    ----------
    path : tuple of str
        The code under which events first mention it, then those of the parts it belonged to each
        time a commune was divided.
    merged_as : tuple of str
        The codes that it had when it was merged into others, one after the other.
    """

    path: tuple[str, ...]
    merged_as: tuple[str, ...] = ()


class LastEvent(NamedTuple):
    """The last event between an old commune and a new one, and the first name of the old one."""

    date: date
    mod: str
    label: str | None


@dataclass(frozen=True)
class Replay:
    """What became of the communes between two days.

    Attributes
    ----------
    links : dict
        The last event in between, by old and new code.
    names : dict of str to str or None
        The last name of each new code.
    """

    links: dict[tuple[str, str], LastEvent]
    names: dict[str, str | None]


def replay(days: Sequence[EventDay], start: date, end: date) -> Replay:
    """Replay all events up to `end`, and return what became of the communes of `start`.

    Events before `start` matter too: when a merger is undone, they show which part of the commune
    goes where.

    Parameters
    ----------
    days : sequence of EventDay
        As from `group_by_day`.
    start, end : date
        The two days; the events of each day are part of the geography of that day.

    Returns
    -------
    Replay
        Only of codes that events affect between the two days.
    """
    areas: dict[str, set[Area]] = {}
    between = [day for day in days if start < day.date <= end]
    for events in _relevant([day for day in days if day.date <= start], between):
        _apply(events, areas)
    commune = {area.path: code for code, within in areas.items() for area in within}
    last: dict[tuple[str, str], LastEvent] = {}
    names: dict[str, str | None] = {}
    affected: set[str] = set()
    for day in between:
        today = {}
        for code, event, area in _apply(day.by_code, areas):
            origin = _origin(commune, area.path)
            earlier = last.get((origin, code))
            label = earlier.label if earlier else event.label_before
            today[origin, event.after] = LastEvent(day.date, event.mod, label)
            names[event.after] = event.label_after
        last |= today
        affected |= day.after
    links = {
        (origin, code): last[origin, code]
        for code in sorted(affected & areas.keys())
        for origin in sorted({_origin(commune, area.path) for area in areas[code]})
        if (origin, code) in last
    }
    return Replay(links, names)


def _relevant(earlier: Sequence[EventDay], later: Sequence[EventDay]) -> list[EventsByCode]:
    """Select the earlier events of the codes that later ones affect, and of their predecessors."""
    codes = set[str]().union(*(day.before | day.after for day in later))
    relevant: list[EventsByCode] = []
    for day in reversed(earlier):
        if codes.isdisjoint(day.after):
            continue
        selected = {
            before: events
            for before, events in day.by_code.items()
            if any(event.after in codes for event in events)
        }
        codes.update(selected)
        relevant.append(selected)
    return relevant[::-1]


def _origin(commune: dict[tuple[str, ...], str], path: tuple[str, ...]) -> str:
    """Return the commune of the first day that an area, or what it was part of, belonged to."""
    for length in range(len(path), 0, -1):
        if (code := commune.get(path[:length])) is not None:
            return code
    return path[0]


def _apply(day: EventsByCode, areas: dict[str, set[Area]]) -> list[tuple[str, Event, Area]]:
    """Move areas by the events of one day; return each with the code it left and its event."""
    joining = Counter(event.after for events in day.values() for event in events)
    leaving = {code: areas.pop(code, {Area((code,))}) for code in day}
    moves = []
    for code, events in day.items():
        for event, area in _distribute(events, leaving[code]):
            if joining[event.after] > 1:
                area = Area(area.path, (*area.merged_as, code))
            elif len(events) == 1:
                area = _recoded(area, code, event.after)
            areas.setdefault(event.after, set()).add(area)
            moves.append((code, event, area))
    return moves


def _distribute(events: Sequence[Event], areas: set[Area]) -> Iterable[tuple[Event, Area]]:
    """Assign the areas of a commune to its events; in a split, merged areas return."""
    if len(events) == 1:
        return [(events[0], area) for area in areas]
    to = {event.after: event for event in events}
    successor = _successor(events)
    returns = {area: _return_code(area, to.keys() - {successor}) for area in sorted(areas)}
    staying = [area for area, home in returns.items() if home is None]
    shares: dict[str, list[Area]] = {after: [] for after in to}
    for area, home in returns.items():
        if home is not None:
            shares[home].append(area._replace(merged_as=_before_merger(area.merged_as, home)))
    # A part that no area returns to is cut out of those that stay, as is the successor.
    cut = [after for after in to if after == successor or not shares[after]] if staying else []
    if staying and not cut:
        cut = list(to)
    for after in cut:
        shares[after] += [_part(area, after, cut) for area in staying]
    for after in [after for after in to if not shares[after]]:
        shares[after] += [_part(area, after, list(to)) for area in returns]
    return [(to[after], area) for after, share in shares.items() for area in share]


def _recoded(area: Area, code: str, after: str) -> Area:
    """Follow a change of code: others merged with the commune under its old code."""
    if code == after or code not in area.merged_as:
        return area
    return area._replace(merged_as=tuple(after if c == code else c for c in area.merged_as))


def _return_code(area: Area, codes: Iterable[str]) -> str | None:
    """Return the last of the given codes under which an area was merged."""
    among = set(codes)
    return next((code for code in reversed(area.merged_as) if code in among), None)


def _before_merger(merged_as: tuple[str, ...], home: str) -> tuple[str, ...]:
    """Return the mergers of an area that precede its last one under the code `home`."""
    return merged_as[: len(merged_as) - 1 - merged_as[::-1].index(home)]


def _part(area: Area, after: str, parts: Sequence[str]) -> Area:
    """Return the part of an area that goes to one of several communes."""
    return area if len(parts) == 1 else Area((*area.path, after), area.merged_as)


def _successor(events: Sequence[Event]) -> str | None:
    """Return the code under which a commune that splits continues: by name, else by code."""
    named = [e.after for e in events if e.label_after and e.label_after == e.label_before]
    if len(named) == 1:
        return named[0]
    return next((e.after for e in events if e.after == e.before), None)
