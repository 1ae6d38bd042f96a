"""Travel times by road, asked block by block of an OSRM server."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ...errors import AplError, Fault, TravelServiceError
from ...methodology.model import Methodology
from ...notes import Note, first
from ..estimate.points import Floats, Ints, Places, read_places
from .blocks import Block, blocks_of
from .journal import Journal
from .protocol import TableService, check_url

__all__ = ["Fetched", "TravelServiceError", "fetch_osrm"]

# As the crow flies; the fastest trips within reach in Isère make 73 km/h (docs/travel-times.md).
FASTEST_KMH = 90.0
FAR_FROM_ROAD_METRES = 2000.0


@dataclass(frozen=True)
class Fetched:
    """Travel times as a server gave them.

    Attributes
    ----------
    travel_times : origin, destination (String), minutes (Float64); sorted.
    notes : where they come from, pairs without a route, communes far from any road.
    requests : how many tables were asked for in this run; fewer than blocks where one was resumed.
    blocks : how many tables it takes in all.
    """

    travel_times: pl.DataFrame
    notes: tuple[Note, ...]
    requests: int
    blocks: int


def fetch_osrm(
    places: pl.DataFrame,
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
) -> Fetched:
    """Ask an OSRM server for the times between communes that can be within reach.

    Parameters
    ----------
    places : commune, lat, lon (degrees, WGS 84).
    url : root of the server, such as http://127.0.0.1:5000.
    methodology : its largest travel time bounds the times kept; see [travel.steps].
    reach_km : pairs further apart in a straight line are not asked for; by default what 90 km/h as
        the crow flies make of the largest time.
    largest_table : points in one request, origins and destinations together; OSRM takes 100 unless
        started with --max-table-size.
    rate : requests a second at most; None for no limit.
    timeout : seconds to wait for an answer.
    retries, backoff : how often and after how many seconds a busy or lost server is asked again.
    resume : file that keeps what came back, so that the same call goes on after an interruption.
    on_progress : called with blocks done and blocks in all.

    Returns
    -------
    Fetched
        Directed times as the server gives them, in minutes, from each commune to each other one
        within the largest time.

    Raises
    ------
    InputDataError
        The table of places breaks its contract.
    TravelServiceError
        The server cannot be reached, is too slow, breaks off or answers what is no table; the
        journal is of another fetch.
    OutputError
        The journal cannot be written.
    AplError
        SciPy or urllib3 is not installed, or an option cannot be right.
    """
    _check_options(reach_km, largest_table, rate, timeout, retries)
    read = read_places(places)
    minutes = float(methodology.travel.steps[-1].to)
    reach = minutes / 60 * FASTEST_KMH if reach_km is None else reach_km
    blocks = blocks_of(read, reach, largest_table)
    service = TableService(url, rate, timeout, retries, backoff)
    try:
        with Journal(resume, _key(read, check_url(url), reach, largest_table)) as journal:
            before = len(journal.found)
            _ask(service, journal, blocks, _points(read), on_progress)
    finally:
        service.close()
    frame, notes = _gather(read, blocks, journal, minutes)
    notes = (_source(service.url), *_healed(journal), *read.notes, *notes)
    return Fetched(frame, notes, len(blocks) - before, len(blocks))


def _check_options(
    reach_km: float | None, largest_table: int, rate: float | None, timeout: float, retries: int
) -> None:
    wrong = {
        "reach_km": reach_km is not None and not reach_km > 0,
        "largest_table": largest_table < 2,
        "rate": rate is not None and not rate > 0,
        "timeout": not timeout > 0,
        "retries": retries < 0,
    }
    if names := [name for name, is_wrong in wrong.items() if is_wrong]:
        raise AplError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{', '.join(names)}: too small to ask a server for travel times"
                },
            )
        )


def _key(places: Places, url: str, reach_km: float, largest_table: int) -> str:
    """Return a digest of all that decides which blocks are asked of whom."""
    said = [url, reach_km, largest_table, places.codes, places.lat.tolist(), places.lon.tolist()]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _points(places: Places) -> list[str]:
    return [f"{lon:.6f},{lat:.6f}" for lat, lon in zip(places.lat, places.lon, strict=True)]


def _ask(
    service: TableService,
    journal: Journal,
    blocks: list[Block],
    points: list[str],
    on_progress: Callable[[int, int], None] | None,
) -> None:
    """Fetch the blocks that the journal lacks."""
    _check_journal(journal, blocks)
    for number, block in enumerate(blocks):
        if number not in journal.found:
            try:
                answer = service.table(
                    [points[row] for row in block.sources],
                    [points[row] for row in block.destinations],
                )
            except TravelServiceError as error:
                said = str(error) + (" " if str(error).endswith("?") else ". ")
                raise TravelServiceError(
                    Fault(
                        code="legacy.fault",
                        table="output",
                        details={"problem": said + _so_far(journal, len(blocks))},
                    )
                ) from error
            wanted = [
                row[column]
                for row, marks in zip(answer.seconds, block.wanted, strict=True)
                for column in np.flatnonzero(marks)
            ]
            journal.add(number, wanted, answer.snapped)
        if on_progress is not None:
            on_progress(number + 1, len(blocks))


def _check_journal(journal: Journal, blocks: list[Block]) -> None:
    for number, entry in journal.found.items():
        block = blocks[number] if 0 <= number < len(blocks) else None
        if (
            block is None
            or len(entry["seconds"]) != block.wanted.sum()
            or len(entry["snapped"]) != len(block.sources)
        ):
            raise TravelServiceError(
                Fault(
                    code="legacy.fault",
                    table="output",
                    details={
                        "problem": f"{journal.path} holds a block {number} that is not of this fetch. Remove the file "
                        "to begin anew"
                    },
                )
            )


def _so_far(journal: Journal, total: int) -> str:
    done = f"{len(journal.found)} of {total} blocks are done"
    if journal.path is None:
        return f"{done} and lost: name a file to resume from"
    return f"{done} and kept in {journal.path}: the same command goes on from there"


def _gather(
    places: Places, blocks: list[Block], journal: Journal, largest: float
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Put all blocks together: minutes by origin and destination, sorted."""
    origins: list[Ints] = [np.empty(0, np.int64)]
    destinations: list[Ints] = [np.empty(0, np.int64)]
    seconds: list[Floats] = [np.empty(0)]
    snapped = np.zeros(len(places.codes))
    for number, block in enumerate(blocks):
        entry = journal.found[number]
        source, destination = np.nonzero(block.wanted)
        origins.append(block.sources[source])
        destinations.append(block.destinations[destination])
        seconds.append(np.array(entry["seconds"], dtype=np.float64))
        metres = np.array([value or 0.0 for value in entry["snapped"]])
        snapped[block.sources] = np.maximum(snapped[block.sources], metres)
    origin, destination = np.concatenate(origins), np.concatenate(destinations)
    order = np.lexsort((destination, origin))
    origin, destination = origin[order], destination[order]
    minutes = np.concatenate(seconds)[order] / 60
    near = minutes <= largest
    codes = pl.Series(places.codes, dtype=pl.String)
    frame = pl.DataFrame(
        {
            "origin": codes.gather(origin[near]),
            "destination": codes.gather(destination[near]),
            "minutes": minutes[near],
        }
    )
    no_route = np.isnan(minutes)
    return frame, (
        *_no_route(places, origin[no_route], destination[no_route]),
        *_far_from_roads(places, snapped),
        *_beyond(int((minutes > largest).sum()), largest),
    )


def _source(url: str) -> Note:
    text = (
        f"Travel times are from the OSRM server at {url}; where its map is of OpenStreetMap they "
        "are under its licence, ODbL"
    )
    return Note("travel_times_from_osrm", details={"text": text})


def _healed(journal: Journal) -> list[Note]:
    if not journal.healed:
        return []
    text = "the last line of the journal was cut short; its block was asked for again"
    return [Note("journal_healed", 1, details={"text": text})]


def _no_route(places: Places, origin: Ints, destination: Ints) -> list[Note]:
    if not len(origin):
        return []
    pairs = (
        f"{places.codes[a]}-{places.codes[b]}" for a, b in zip(origin, destination, strict=True)
    )
    text = "pairs have no route by road and are left out"
    return [Note("no_route", len(origin), first(pairs), details={"text": f"{len(origin)} {text}"})]  # fmt: skip


def _far_from_roads(places: Places, snapped: Floats) -> list[Note]:
    far = np.flatnonzero(snapped > FAR_FROM_ROAD_METRES)
    if not len(far):
        return []
    text = (
        f"communes lie more than {FAR_FROM_ROAD_METRES / 1000:g} km from the road that the server "
        "starts them from: check their points, or its map"
    )
    examples = first(f"{places.codes[row]} ({snapped[row] / 1000:.1f} km)" for row in far)
    return [
        Note(
            "far_from_road",
            len(far),
            examples,
            warning=True,
            details={"text": f"{len(far)} {text}"},
        )
    ]


def _beyond(count: int, largest: float) -> list[Note]:
    if not count:
        return []
    text = f"pairs asked for take more than {largest:g} minutes and are left out"
    return [Note("beyond_reach", count, details={"text": f"{count} {text}"})]
