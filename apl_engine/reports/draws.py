"""Write draws to a folder as they are counted: a folder for each methodology, and one record."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError, check_arguments
from ..results.atomic_folder import Kind, check_folder_names, whole_folder
from ..results.record import make_record
from ..results.switch import refuse_output
from ..results.tables import DEFAULT_FORMATS, TableFormats, write_tables, zone_labels
from ..scenarios.draws import Draws
from ..scenarios.draws.result import QUANTILES, Share, exact_share

TABLES = ("territories", "zones", "cuts")
NAME = "draws.json"
# Folders are named as by Hive, so that readers of Parquet add a column `methodology`.
_FOLDER, _ZONES = "methodology={}", "draws"
_PART = re.compile(
    rf"methodology=[^/]+/(?:(?:{'|'.join(TABLES)})\.(?:parquet|csv|xlsx)|{_ZONES}/\d+\.parquet)"
)
FOLDER = Kind(frozenset({NAME}), NAME, parts=_PART)
# Shares of the draws for which the record counts territories that are in one class.
SURE = tuple(Fraction(share) for share in ("1", "0.99", "0.95", "0.9", "0.75", "0.5"))
# Entries of the record of a run that describe its draws as well.
_SHARED = ("methodology", "inputs", "imports", "network")


class ZoneFiles:
    """Writes the zones of every draw into a folder; `draws` calls it, see `on_zones` there.

    Parameters
    ----------
    folder : Path
        An existing folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[str, list[dict[str, Any]]] = {}

    def __call__(self, methodology: str, first: int, content: bytes) -> None:
        """Write the zones of some draws."""
        name = f"{_FOLDER.format(methodology)}/{_ZONES}/{first:012}.parquet"
        path = self._folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            reason = error.strerror or str(error)
            raise refuse_output("not_written", Path(name), reason=reason) from error
        digest = hashlib.sha256(content).hexdigest()
        rows = pl.scan_parquet(content).select(pl.len()).collect().item()
        entry = {"file": name, "rows": rows, "sha256": digest}
        self._written.setdefault(methodology, []).append(entry)

    def taken(self, methodology: str) -> list[dict[str, Any]]:
        """Return the name, rows and SHA-256 of the files of a methodology, once."""
        return self._written.pop(methodology, [])


@check_arguments(folder=(str, Path), formats=TableFormats)
def write_draws(
    found: Iterable[Draws],
    folder: str | Path,
    *,
    quantiles: Sequence[Share] = QUANTILES,
    replace: bool = False,
    formats: TableFormats = DEFAULT_FORMATS,
) -> dict[str, Any]:
    """Write the tables of draws and ``draws.json`` to a folder: all of it, or nothing.

    Parameters
    ----------
    found : iterable of Draws
        As from `draws`; each is written and dropped before the next is asked for.
    folder : str or Path
        A new or empty folder; its parents are created.
    quantiles : sequence of Fraction, float or str
        Shares of the draws whose quantiles are written.
    replace : bool
        Whether earlier draws there are replaced.
    formats : TableFormats
        How the tables are written for people, beside Parquet; plain CSV by default.

    Returns
    -------
    dict
        The content of ``draws.json``, with the SHA-256 of each file.

    Raises
    ------
    OutputError
        The folder cannot be written to, or is not empty.
    InputDataError
        There are no draws, or a share is not one.
    """
    with whole_folder(Path(folder), replace=replace, kind=FOLDER) as draft:
        return write_draw_files(found, draft, quantiles, formats=formats)


def write_draw_files(
    found: Iterable[Draws],
    folder: Path,
    quantiles: Sequence[Share] = QUANTILES,
    *,
    formats: TableFormats = DEFAULT_FORMATS,
    zones: ZoneFiles | None = None,
) -> dict[str, Any]:
    """Write the files of draws to an existing folder; see `write_draws`."""
    content: dict[str, Any] = {}
    for draws in found:
        record = make_record(draws.result)
        name = record["methodology"]["id"]
        check_folder_names([name])
        own = _FOLDER.format(name)
        (folder / own).mkdir(exist_ok=True)
        tables = {
            "territories": draws.territories(quantiles),
            "zones": draws.zones(),
            "cuts": draws.cut_table(quantiles),
        }
        labels = zone_labels(draws.result.methodology, "zone", "likeliest_zone")
        written = write_tables(tables, folder / own, formats, labels)
        outputs = [{**entry, "file": f"{own}/{entry['file']}"} for entry in written]
        if not content:
            content = {
                **{key: record[key] for key in ("format", "apl_engine", "environment")},
                "draws": draws.count,
                **draws.about,
                "apl_step": float(draws.step),
                "quantiles": [float(exact_share(share)) for share in quantiles],
                "methodologies": [],
            }
        content["methodologies"].append(
            {
                **{key: record[key] for key in _SHARED},
                "zones": list(_zones(draws)),
                "sure": [
                    {"share": float(100 * share), "territories": draws.sure(share)}
                    for share in SURE
                ],
                "cuts": tables["cuts"].to_dicts(),
                "computed_in_full": draws.computed_in_full,
                "notes": [note.as_dict() for note in (*draws.notes, *draws.result.notes)],
                "outputs": outputs + (zones.taken(name) if zones else []),
            }
        )
    if not content:
        raise InputDataError(Fault("argument.empty", "found"))
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")
    return content


def _zones(draws: Draws) -> Iterable[dict[str, Any]]:
    """Return the number of territories of each class, of the run and on average."""
    now = dict(draws.result.territories["zone"].cast(pl.String).value_counts().iter_rows())
    for column, zone in enumerate(draws.result.methodology.zoning.classes):
        mean = float(draws.classes[:, column].sum()) / draws.count
        territories = now.get(zone.id, 0)
        yield {"zone": zone.id, "label": zone.label, "territories": territories, "mean": mean}
