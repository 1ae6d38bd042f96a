"""All the input tables of a run: opened, checked one by one, then against each other."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError
from ..methodology.model import Methodology
from ..notes import Note
from ..schemas import COMMUNES, CONSUMPTION, INPUTS, TRAVEL_TIMES
from .cross_checks import check_relations, with_age
from .provenance import check_provenance, read_provenance
from .tables import Source, Stamp, find_table, open_tables, stamp_of
from .validate import Checked, Known, check_table


@dataclass(frozen=True)
class Inputs:
    """The input tables, checked, of the types of their schemas.

    Attributes
    ----------
    communes : sorted by code; ``commune`` is an Enum of the codes in that order, and so are
        ``commune``, ``origin`` and ``destination`` of the other tables: text and row number.
    practitioners, population, consumption, travel_times : see `schemas`; `travel_times` is None
        where a prepared network stands for it.
    sources : where each comes from.
    notes : what was found on the way and is no fault.
    read_for : the parameters that the reading depended on.
    imports : the publishers' files that the tables were made from, where that is known.
    """

    communes: pl.DataFrame
    practitioners: pl.DataFrame
    population: pl.DataFrame
    consumption: pl.DataFrame
    travel_times: pl.DataFrame | None
    sources: Mapping[str, Source]
    notes: tuple[Note, ...]
    read_for: tuple[object, ...]
    imports: tuple[Mapping[str, Any], ...] = ()

    @property
    def rows(self) -> dict[str, int]:
        """Return the number of rows of each table there is."""
        tables = {name: getattr(self, name) for name in INPUTS}
        return {name: table.height for name, table in tables.items() if table is not None}


def read_inputs(
    inputs: str | Path | Mapping[str, object],
    methodology: Methodology,
    *,
    travel_times: bool = True,
) -> Inputs:
    """Read and check the five input tables.

    Parameters
    ----------
    inputs : a folder that holds practitioners, population, consumption, travel_times and
        communes, each as Parquet, CSV (``,`` or ``;``, plain, gz or zst) or Arrow IPC; or a
        mapping of those names to a path or to anything that speaks the Arrow C interface
        (Polars, pandas, PyArrow, DuckDB).
    methodology : for the reference date of ages, the width of age bands and the regions without
        data.
    travel_times : whether to read that table; not where a prepared network stands for it.

    Returns
    -------
    Inputs

    Raises
    ------
    InputDataError
        With every fault of every table.
    """
    given: object = inputs
    if not isinstance(given, str | Path | Mapping):
        problem = f"a {type(given).__name__} is neither a folder nor a mapping of tables"
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table="inputs",
                    details={"problem": problem, "hint": "See apl_engine.read_inputs."},
                )
            ]
        )
    place = Path(inputs) if isinstance(inputs, str | Path) else inputs
    sources, faults = _opened(place, travel_times)
    # Digests are taken while the tables are read, not when the record is written.
    stamping = threading.Thread(target=_stamp, args=(sources,))
    stamping.start()
    checked, known = _checked_alone(sources)
    faults += [fault for result in checked.values() for fault in result.faults]
    frames = {name: result.frame for name, result in checked.items() if not result.faults}
    sound = {name: frame for name, frame in frames.items() if frame is not None}
    if "practitioners" in sound:
        sound["practitioners"] = with_age(sound["practitioners"], methodology)
    if "communes" in sound and known.communes is not None:
        column = pl.col("commune").cast(known.communes)
        sound["communes"] = sound["communes"].with_columns(column).sort("commune")
    related, notes = check_relations(sound, methodology)
    _refuse([*faults, *related])
    told = [note for result in checked.values() for note in result.notes]
    stamping.join()
    _refuse(_stamp(sources))
    imports = read_provenance(place) if isinstance(place, Path) else []
    if isinstance(imports, Fault):
        raise InputDataError([imports])
    mixed, changed = check_provenance(imports, sources)
    _refuse(mixed)
    return Inputs(
        communes=sound["communes"],
        practitioners=sound["practitioners"],
        population=sound["population"],
        consumption=sound["consumption"],
        travel_times=sound.get("travel_times"),
        sources=sources,
        notes=(*told, *notes, *changed),
        read_for=read_for(methodology),
        imports=tuple(imports),
    )


def _opened(
    place: Path | Mapping[str, object], travel_times: bool
) -> tuple[dict[str, Source], list[Fault]]:
    """Open the tables that are wanted."""
    wanted = [table for table in INPUTS.values() if travel_times or table is not TRAVEL_TIMES]
    twice = []
    if not travel_times and isinstance(place, Mapping) and TRAVEL_TIMES.name in place:
        problem = "the table and a prepared network are both given"
        twice = [
            Fault(
                code="legacy.fault",
                table=TRAVEL_TIMES.name,
                details={"problem": problem, "hint": "Leave one of them out."},
            )
        ]
        place = {name: table for name, table in place.items() if name != TRAVEL_TIMES.name}
    sources, faults = open_tables(place, {table.name: table.names for table in wanted})
    return sources, [*faults, *twice]


def _checked_alone(sources: Mapping[str, Source]) -> tuple[dict[str, Checked], Known]:
    """Read and check each table by itself; those that others take their words from come first."""
    checked: dict[str, Checked] = {}
    known = Known()
    if COMMUNES.name in sources:
        checked[COMMUNES.name] = check_table(COMMUNES, sources[COMMUNES.name])
        known = _communes_known(checked[COMMUNES.name])
    if CONSUMPTION.name in sources:
        checked[CONSUMPTION.name] = check_table(CONSUMPTION, sources[CONSUMPTION.name])
        known = _bands_known(checked[CONSUMPTION.name], known)
    for name, source in sources.items():
        if name not in checked:
            checked[name] = check_table(INPUTS[name], source, known)
    return checked, known


def has_every_table(inputs: Path, *, travel_times: bool = True) -> bool:
    """Tell whether all tables of a run are in a folder, or a run file tells of them.

    Parameters
    ----------
    inputs : a folder, or a run file.
    travel_times : whether that table is wanted too.
    """
    if not inputs.is_dir():
        return inputs.suffix == ".toml"
    wanted = [name for name in INPUTS if travel_times or name != TRAVEL_TIMES.name]
    return all(isinstance(find_table(inputs, name), Path) for name in wanted)


def travel_times_beside(inputs: object) -> Stamp | None:
    """Return what the travel times of tables are, None where there are none, or no file."""
    if isinstance(inputs, Inputs):
        source = inputs.sources.get(TRAVEL_TIMES.name)
        return source.stamp if source else None
    if not isinstance(inputs, str | Path) or not Path(inputs).is_dir():
        return None
    found = find_table(Path(inputs), TRAVEL_TIMES.name)
    return stamp_of(found) if isinstance(found, Path) and found.is_file() else None


def read_for(methodology: Methodology) -> tuple[object, ...]:
    """Return the parameters that reading depends on: ages, bands, regions without data."""
    return (
        methodology.etp.age_reference_date,
        methodology.demand.age_band_years,
        tuple(row.region for row in methodology.zoning.imposed),
    )


def _stamp(sources: Mapping[str, Source]) -> list[Fault]:
    """Take the digest of every file, once; return the faults of those that are gone."""
    faults = []
    for table, source in sources.items():
        try:
            _ = source.stamp
        except OSError as error:
            problem = f"{source.path} cannot be read to its end ({error.strerror})"
            faults.append(
                Fault(
                    code="legacy.fault",
                    table=table,
                    details={
                        "problem": problem,
                        "hint": "Leave the tables alone while they are read.",
                    },
                )
            )
    return faults


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise InputDataError(faults)


def _communes_known(communes: Checked) -> Known:
    """Return the commune codes there are, where all of them can be relied on."""
    if communes.frame is None or "commune" not in communes.frame.columns:
        return Known()
    if any(fault.column == "commune" for fault in communes.faults):
        return Known()
    return Known(communes=pl.Enum(communes.frame["commune"].unique().sort()))


def _bands_known(consumption: Checked, known: Known) -> Known:
    if consumption.frame is None or "age_band" not in consumption.frame.columns:
        return known
    dtype = consumption.frame.schema["age_band"]
    return Known(known.communes, dtype) if isinstance(dtype, pl.Enum) else known
