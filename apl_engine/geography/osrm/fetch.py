"""Travel times by road, fetched block by block from an OSRM server."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path

import numpy as np
import polars as pl

from ...errors import AplError, Fault, Note, TravelServiceError, check_arguments, first
from ...methodology.model import Methodology
from ..estimate.land import cut_off, same_land
from ..estimate.points import CommunePoints, Floats, Ints, kilometres, read_points
from .blocks import Block, blocks_of
from .journal import Journal
from .protocol import TableService, check_url

# Straight-line speed; the fastest trips within reach in Isère make 73 km/h (docs/travel-times.md).
FASTEST_KMH = 90.0
FAR_FROM_ROAD_METRES = 2000.0
# A point further from any road is not on the server's map; if more than this share are, it is the
# map of another place.
OFF_THE_MAP_METRES, _MOST_OFF_THE_MAP = 10_000.0, 0.5
# Points further apart than this take some time; and the share that may take none by mistake.
_SOME_KM, _FEW_ZEROS = 0.5, 0.01
_NAMED = 12


@dataclass(frozen=True)
class FetchedTimes:
    """Travel times from a server.

    Attributes
    ----------
    travel_times : pl.DataFrame
        origin, destination (String), minutes (Float64); sorted.
    notes : tuple of Note
        Their source, pairs without a route, communes far from any road.
    requests : int
        Tables requested in this run; fewer than `blocks` if it resumed an earlier one.
    blocks : int
        Tables needed in all.
    """

    travel_times: pl.DataFrame
    notes: tuple[Note, ...]
    requests: int
    blocks: int


@check_arguments(
    url=str,
    methodology=Methodology,
    reach_km=(Real, None),
    largest_table=Integral,
    rate=(Real, None),
    timeout=Real,
    retries=Integral,
    backoff=Real,
    resume=(str, Path, None),
)
def fetch_osrm(
    communes: object,
    url: str,
    methodology: Methodology,
    *,
    reach_km: float | None = None,
    largest_table: int = 100,
    rate: float | None = 10.0,
    timeout: float = 60.0,
    retries: int = 4,
    backoff: float = 0.5,
    resume: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    on_wait: Callable[[float], None] | None = None,
) -> FetchedTimes:
    """Fetch the times between communes that can be within reach from an OSRM server.

    Parameters
    ----------
    communes : object
        A frame of any library that speaks the Arrow C interface, with commune, lat, lon (degrees,
        WGS 84).
    url : str
        Root of the server, such as http://127.0.0.1:5000.
    methodology : Methodology
        Its largest travel time limits the times retained; see [travel.steps].
    reach_km : float, optional
        Pairs further apart in a straight line are not requested; by default the distance that a
        straight-line speed of 90 km/h covers in the largest time.
    largest_table : int
        Points in one request, origins and destinations together; OSRM accepts 100 unless started
        with --max-table-size.
    rate : float or None
        Requests a second at most; None for no limit.
    timeout : float
        Seconds for one attempt as a whole, from connecting to the end of the answer; at most a day.
    retries : int
        How often a busy or lost server is asked again.
    backoff : float
        Seconds before the second retry; each later one waits twice as long. A server may ask for up
        to 120 seconds; one that asks for more is an error.
    resume : Path, optional
        File that records each block, so that the same call resumes after an interruption.
    on_progress : callable, optional
        Called with the number of finished blocks and of all blocks.
    on_wait : callable, optional
        Called with the seconds that the server asks to wait, before they are waited.

    Returns
    -------
    FetchedTimes
        Directed times as the server gives them, in minutes, from each commune to each other one
        within the largest time and on the same land. A commune that is not on the server's map has
        none.

    Raises
    ------
    InputDataError
        The table of communes is not valid.
    TravelServiceError
        The server cannot be reached, is too slow, breaks off, asks for too long a wait, or answers
        without a table or with more than one; its map does not hold the communes; or the journal
        belongs to another fetch.
    OutputError
        The journal cannot be written.
    AplError
        urllib3 is not installed, or an option is out of range.
    """
    _check_options(
        reach_km=reach_km,
        largest_table=largest_table,
        rate=rate,
        timeout=timeout,
        retries=retries,
        backoff=backoff,
    )
    points = read_points(communes)
    minutes = float(methodology.travel.steps[-1].to)
    reach = minutes / 60 * FASTEST_KMH if reach_km is None else reach_km
    blocks = blocks_of(points, reach, largest_table)
    service = TableService(url, rate, timeout, retries, backoff, on_wait)
    try:
        with Journal(resume, _key(points, check_url(url), reach, largest_table)) as journal:
            before = len(journal.blocks)
            _fetch(service, journal, blocks, points, on_progress)
    finally:
        service.close()
    frame, notes = _combine(points, blocks, journal, minutes, service.url)
    source = Note("osrm.source", details={"url": service.url})
    cut = [Note("osrm.journal_cut", 1)] if journal.was_cut else []
    notes = [source, *cut, *points.notes, *notes]
    return FetchedTimes(frame, tuple(notes), len(blocks) - before, len(blocks))


def _check_options(**options: float | None) -> None:
    minima = {"largest_table": 2, "retries": 0, "backoff": 0}
    faults = []
    for name, value in options.items():
        low = minima.get(name)
        if value is not None and not (value > 0 if low is None else value >= low):
            code = "argument.not_positive" if low is None else "argument.too_small"
            faults.append(Fault(code, name, details={"given": value, "minimum": low}))
    if faults:
        raise AplError(faults)


def _key(points: CommunePoints, url: str, reach_km: float, largest_table: int) -> str:
    """Return a digest of everything that determines the requests."""
    facts = [url, reach_km, largest_table, points.codes, points.lat.tolist(), points.lon.tolist()]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _fetch(
    service: TableService,
    journal: Journal,
    blocks: list[Block],
    points: CommunePoints,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    """Fetch the blocks that the journal lacks."""
    for number, entry in journal.blocks.items():
        sizes = len(entry["seconds"]), len(entry["snapped"])
        block = blocks[number] if 0 <= number < len(blocks) else None
        if block is None or sizes != (block.wanted.sum(), len(block.sources)):
            raise journal.fault("osrm.journal_of_other_blocks", block=number)
    texts = [f"{lon:.6f},{lat:.6f}" for lat, lon in zip(points.lat, points.lon, strict=True)]
    for number, block in enumerate(blocks):
        if number not in journal.blocks:
            try:
                ends = ([texts[row] for row in end] for end in (block.sources, block.destinations))
                answer = service.table(*ends)
            except TravelServiceError as error:
                code = "osrm.interrupted" if journal.path else "osrm.interrupted_without_journal"
                details = {"done": len(journal.blocks), "blocks": len(blocks),
                           "journal": str(journal.path or "")}  # fmt: skip
                progress = Fault(code, service.url, details=details)
                raise TravelServiceError([*error.faults, progress]) from error
            rows = zip(answer.seconds, block.wanted, strict=True)
            wanted = [row[column] for row, marks in rows for column in np.flatnonzero(marks)]
            journal.add(number, wanted, answer.snapped)
        if on_progress is not None:
            on_progress(number + 1, len(blocks))


def _combine(
    points: CommunePoints, blocks: list[Block], journal: Journal, largest: float, url: str
) -> tuple[pl.DataFrame, list[Note]]:
    """Combine all blocks: minutes by origin and destination, sorted."""
    origins, destinations = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    seconds = [np.empty(0)]
    snapped = np.zeros(len(points.codes))
    for number, block in enumerate(blocks):
        entry = journal.blocks[number]
        source, destination = np.nonzero(block.wanted)
        origins.append(block.sources[source])
        destinations.append(block.destinations[destination])
        seconds.append(np.array(entry["seconds"], dtype=np.float64))
        metres = np.array([value or 0.0 for value in entry["snapped"]])
        snapped[block.sources] = np.maximum(snapped[block.sources], metres)
    start, end = np.concatenate(origins), np.concatenate(destinations)
    time = np.concatenate(seconds)
    off = snapped > OFF_THE_MAP_METRES
    if off.any() and off.mean() > _MOST_OFF_THE_MAP:
        shown = _distances(points, np.flatnonzero(off), snapped)
        details = {"communes": int(off.sum()), "km": OFF_THE_MAP_METRES / 1000}
        raise TravelServiceError(Fault("osrm.off_the_map", url, values=shown, details=details))
    on_land, on_map = same_land(points.codes, start, end), ~(off[start] | off[end])
    used = on_land & on_map
    free = used & (time == 0) & (kilometres(points.xyz, start, end) > _SOME_KM)
    if free.any() and free.sum() > _FEW_ZEROS * (used & (time <= largest * 60)).sum():
        details = {"pairs": int(free.sum()), "km": _SOME_KM}
        pairs = zip(start[free], end[free], strict=True)
        shown = first(f"{points.codes[a]}-{points.codes[b]}" for a, b in pairs)
        raise TravelServiceError(Fault("osrm.zero_times", url, values=shown, details=details))
    islands = np.unique(np.concatenate([start[~on_land & (time <= largest * 60)],
                                        end[~on_land & (time <= largest * 60)]]))  # fmt: skip
    codes = pl.Series(points.codes, dtype=pl.String)
    kept = used & ~free
    table = pl.DataFrame(
        {
            "origin": codes.gather(start[kept]),
            "destination": codes.gather(end[kept]),
            "minutes": time[kept] / 60,
        }
    ).sort("origin", "destination")
    without = table.filter(pl.col("minutes").is_nan())
    beyond = table.filter(pl.col("minutes").is_not_nan() & (pl.col("minutes") > largest))
    far = np.flatnonzero((snapped > FAR_FROM_ROAD_METRES) & ~off)
    cut = [points.codes[row] for row in islands if points.codes[row] in cut_off()]
    notes = [
        Note("osrm.no_route", without.height, first(f"{a}-{b}" for a, b, _ in without.iter_rows())),
        Note(
            "osrm.off_the_map",
            int(off.sum()),
            _distances(points, np.flatnonzero(off), snapped),
            warning=True,
            details={"km": OFF_THE_MAP_METRES / 1000},
        ),
        Note(
            "osrm.far_from_road",
            len(far),
            _distances(points, far, snapped),
            warning=True,
            details={"km": FAR_FROM_ROAD_METRES / 1000},
        ),
        Note("osrm.islands", len(cut), first(cut, _NAMED), warning=True),
        Note("osrm.zero_times", int(free.sum()), warning=True, details={"km": _SOME_KM}),
        Note("osrm.beyond_reach", beyond.height, details={"minutes": largest}),
    ]
    near = table.filter(pl.col("minutes").is_not_nan() & (pl.col("minutes") <= largest))
    return near, [note for note in notes if note.count]


def _distances(points: CommunePoints, rows: Ints, metres: Floats) -> tuple[str, ...]:
    """Return communes with the distance to their road, for display."""
    return first(f"{points.codes[row]} ({metres[row] / 1000:.1f} km)" for row in rows)
