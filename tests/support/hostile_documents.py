"""Documents with a value of another type, a key too many or too few, by a seed.

TOML of a run, a methodology, aids, contracts, proposals and days of effect; records of results,
their digests made right again; prepared networks.
"""

from __future__ import annotations

import copy
import datetime
import hashlib
import json
import math
import random
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from support.networks import saved, small_network
from support.tables import frames, methodology, small_world

import apl_engine
from apl_engine import AplError, load_methodology, load_network, read_result
from apl_engine.aids import load_aid_rules, read_contract, read_effect
from apl_engine.imports import gather, read_run_file
from apl_engine.regional import read_proposal
from apl_engine.results import TableFormats
from apl_engine.results.read import record_sha256
from apl_engine.scenarios import WhatIf, zone_margins

from .hostile_files import damaged_bytes, words_of

RULES = methodology()
Key = tuple[str | int, ...]

#: A value of each type of TOML, and of each that a careless hand might write.
VALUES: list[Any] = [
    "", " ", "x", "1", "2024-01-01", "a\0b", "é" * 300, "/dev/null", "..", "mk-2024", 0, 1, -1,
    2024, 2**63 - 1, -(2**63), 10**30, 0.0, -0.5, 1.5, 1e308, math.nan, math.inf, -math.inf, True,
    False, datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1, 12), datetime.time(12),
    datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC), [], [1], [""], ["x", 1], [[]], [{}],
    ["a", "a"], {}, {"a": 1}, {"a": "x"}, {"a": {"b": {}}}, {"value": 1}, [True], [math.nan],
]  # fmt: skip


def toml(document: Mapping[str, Any]) -> str:
    """Return a document as TOML."""
    return "".join(f"{_text(str(key))} = {_value(value)}\n" for key, value in document.items())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        pairs = (f"{_text(str(key))} = {_value(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value).replace("Infinity", "inf").replace("NaN", "nan")


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def keys_of(document: Any, above: Key = ()) -> Iterator[Key]:
    """Yield the path of every value of a document."""
    pairs = document.items() if isinstance(document, Mapping) else enumerate(document)
    for key, value in pairs:
        yield (*above, key)
        if isinstance(value, Mapping | list):
            yield from keys_of(value, (*above, key))


def changed(document: Any, draw: random.Random, values: list[Any] = VALUES) -> tuple[str, Any]:
    """Return a document with one value changed, removed or added, and how."""
    made = copy.deepcopy(document)
    *above, last = draw.choice(list(keys_of(made)))
    holder = made
    for key in above:
        holder = holder[key]
    kind, value = draw.choice(["value"] * 7 + ["remove", "add", "repeat"]), draw.choice(values)
    where = ".".join(map(str, (*above, last)))
    if kind == "remove":
        del holder[last]
        return f"remove {where}", made
    if kind == "repeat" and isinstance(holder, list):
        holder.append(holder[last])
        return f"repeat {where}", made
    if kind == "add" and isinstance(holder, dict):
        name = draw.choice(["unknown", "", "é", "a.b", "value", "files"])
        holder[name] = value
        return f"add {'.'.join(map(str, above))}.{name} = {str(value)[:40]!r}", made
    label = f"{where} = {str(holder[last])[:30]!r} -> {type(value).__name__} {str(value)[:40]!r}"
    holder[last] = value
    return label, made


@dataclass(frozen=True)
class Document:
    """A kind of document: a whole one in a folder, how it is read, how one is damaged."""

    make: Callable[[Path], Any]
    damage: Callable[[Any, Path, random.Random], str]
    read: Callable[[Path], Any]


# --- TOML ----------------------------------------------------------------------------------------


def _written(folder: Path, name: str, document: Any) -> None:
    (folder / name).write_text(toml(document), encoding="utf-8", errors="surrogatepass")


def _in_toml(name: str, whole: Callable[[Path], Any], read: Callable[[Path], Any]) -> Document:
    def make(folder: Path) -> Any:
        document = whole(folder)
        _written(folder, name, document)
        return document

    def damage(document: Any, folder: Path, draw: random.Random) -> str:
        if draw.random() < 0.15:
            label, raw = damaged_bytes(toml(document).encode(), draw)
            (folder / name).write_bytes(raw)
            return label
        label, other = changed(document, draw)
        _written(folder, name, other)
        return label

    return Document(make, damage, read)


def run_document(folder: Path) -> dict[str, Any]:
    """Write the files of a run, and return the run file that names them."""
    world = frames(small_world())
    for name in ("communes", "consumption"):
        world[name].write_parquet(folder / f"{name}.parquet")
    world["practitioners"].rename({"acts": "actes"}).write_parquet(folder / "p.parquet")
    world["travel_times"].rename(
        {"origin": "idSrc", "destination": "idDst", "minutes": "duree"}
    ).write_csv(folder / "metric.csv", separator=";")
    codes = world["communes"]["commune"].to_list()
    lines = (
        f"{code};COM;{age:03d};{sex};{age + sex}\n"
        for code in codes for age in range(101) for sex in (1, 2)
    )  # fmt: skip
    text = "CODGEO;NIVGEO;AGED100;SEXE;NB\n" + "".join(lines)
    (folder / "people.csv").write_text(text, encoding="utf-8")
    bands = [*(f"{k:02d}-{k + 4:02d}" for k in range(0, 95, 5)), "95+"]
    pl.DataFrame({"age_band": bands, "fees": [1000.0 + k for k in range(20)]}).write_parquet(
        folder / "consumption.parquet"
    )
    return {
        "methodology": "mk-2024",
        "year": 2022,
        "vintage": 2024,
        "columns": {"practitioners": {"acts": "actes"}},
        "tables": {"practitioners": "p.parquet", "consumption": "consumption.parquet",
                   "communes": "communes.parquet"},
        "population": {"files": ["people.csv"], "vintage": 2024, "columns": {}, "year": 2022},
        "distancier": {"files": ["metric.csv"], "unit": "minutes", "period": "off_peak",
                       "vintage": 2024, "columns": {"minutes": "duree"}},
    }  # fmt: skip


def _result_figures(result: Any) -> list[Any]:
    return [
        table.to_dict(as_series=False)
        for table in (result.communes, result.territories, result.regions)
    ]


def _read_run(folder: Path) -> Any:
    result = apl_engine.run(folder / "run.toml", year=None)
    return _result_figures(result)


def _activity_document(folder: Path) -> dict[str, Any]:
    from support.activity_files import PEOPLE, SERVICES, write

    write(folder / "services.parquet", SERVICES)
    write(folder / "register.parquet", PEOPLE)
    return {
        "year": 2022,
        "activity": {"files": ["services.parquet"], "register": "register.parquet",
                     "year": 2022, "keep": {"profession": ["26"]}, "columns": {"acts": "acts"}},
        "mesh": {"files": ["mesh.xlsx"], "urban_units": "uu.csv", "urban_units_year": 2020},
        "movements": "movements.csv", "vintage": 2024, "network": "n.aplnet",
    }  # fmt: skip


def _read_gathered(folder: Path) -> Any:
    run_file = read_run_file(folder / "run.toml")
    try:
        tables, _ = gather(run_file, load_methodology("mk-2024"))
    except AplError:
        # What it names is not there; that it says so is enough.
        return None
    return {name: str(table) for name, table in tables.items()}


def _own_methodology(_: Path) -> dict[str, Any]:
    path = Path(apl_engine.__file__).parent / "methodology" / "mk-2024.toml"
    return {**tomllib.loads(path.read_text("utf-8")), "id": "own"}


def _aid_rules(_: Path) -> dict[str, Any]:
    folder = Path(apl_engine.__file__).parent / "aids" / "rules"
    (path, *_rest) = sorted(folder.glob("*.toml"))
    return {**tomllib.loads(path.read_text("utf-8")), "id": "own"}


def _contract(_: Path) -> dict[str, Any]:
    return tomllib.loads(
        'contract = "CACCMK"\nsigned = 2024-05-01\nzone = "tres_sous_dotee"\ncommune = "53130"\n'
    )


def _proposal(_: Path) -> dict[str, Any]:
    day = datetime.date(2024, 5, 14)
    return {
        "region": "52",
        "addition": [{"territory": "A1", "justification": "Part des patients"}],
        "removal": [{"territory": "B1", "justification": "Autre"}],
        "consultation": {"concertation": day, "commission_paritaire_regionale": day},
    }


# --- results and networks ------------------------------------------------------------------------


@cache
def small_result() -> Any:
    return apl_engine.run(frames(small_world()), RULES)


def _result(folder: Path) -> Any:
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    apl_engine.write_result(small_result(), out, formats=TableFormats("plain", xlsx=True))
    return {path.name: path.read_bytes() for path in out.iterdir()}


def _restore(whole: Mapping[str, bytes], folder: Path) -> Path:
    out = folder / "out"
    for name, content in whole.items():
        (out / name).write_bytes(content)
    return out


def _damage_file(whole: Any, folder: Path, draw: random.Random) -> str:
    out, name = _restore(whole, folder), draw.choice(sorted(whole))
    label, raw = damaged_bytes(whole[name], draw)
    (out / name).write_bytes(raw)
    return f"{name}: {label}"


def _damage_record(whole: Any, folder: Path, draw: random.Random) -> str:
    """Change a record, and make its own digest right."""
    out = _restore(whole, folder)
    record = json.loads(whole["record.json"])
    label, record = changed(record, draw, [v for v in VALUES if _is_json(v)])
    if isinstance(record, dict) and "sha256" in record:
        record["sha256"] = record_sha256(record)
    (out / "record.json").write_text(json.dumps(record, ensure_ascii=False))
    return label


def _damage_table(whole: Any, folder: Path, draw: random.Random) -> str:
    """Change a table, and make all digests right."""
    from .hostile_files import damaged_frame

    out = _restore(whole, folder)
    name = draw.choice(["communes", "territories", "regions"])
    label, frame = damaged_frame(pl.read_parquet(out / f"{name}.parquet"), draw)
    try:
        frame.write_parquet(out / f"{name}.parquet")
    except pl.exceptions.PolarsError:
        return "whole"
    for other in (".csv", ".xlsx"):
        (out / f"{name}{other}").unlink()
    record = json.loads(whole["record.json"])
    gone = {f"{name}.csv", f"{name}.xlsx"}
    record["outputs"] = [entry for entry in record["outputs"] if entry["file"] not in gone]
    for entry in record["outputs"]:
        entry["sha256"] = hashlib.sha256((out / entry["file"]).read_bytes()).hexdigest()
    record["sha256"] = record_sha256(record)
    (out / "record.json").write_text(json.dumps(record, ensure_ascii=False))
    return f"{name}: {label}"


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except TypeError:
        return False
    return True


def _read_result(folder: Path) -> Any:
    return _result_figures(read_result(folder / "out"))


def _use_result(folder: Path) -> Any:
    """Read a result, and call what takes one; any of it may be refused."""
    stored = read_result(folder / "out")
    found = [_result_figures(stored)]
    world = frames(small_world())
    uses: list[Callable[[], Any]] = [
        lambda: apl_engine.explain(stored, "01001", readings=False).apl,
        lambda: zone_margins(stored).to_dict(as_series=False),
        lambda: apl_engine.compare(stored, small_result(), apl_as_given=True).transitions,
        lambda: WhatIf(stored).change({"01001": 1.0}).communes.to_dict(as_series=False),
        lambda: apl_engine.regional.regional_summary(stored, "84"),
        lambda: apl_engine.results.make_record(stored)["counts"],
        lambda: apl_engine.explain(stored, "01001", inputs=world),  # type: ignore[arg-type]
    ]
    for use in uses:
        try:
            found.append(repr(use()))
        except AplError as error:
            found.append(words_of(error))
    return found


def _network(folder: Path) -> Any:
    (folder / "n.aplnet").unlink(missing_ok=True)
    return saved(small_network(), folder).read_bytes()


def _damage_network(whole: Any, folder: Path, draw: random.Random) -> str:
    label, raw = damaged_bytes(whole, draw)
    (folder / "n.aplnet").write_bytes(raw)
    return label


def _read_network(folder: Path) -> Any:
    network = load_network(folder / "n.aplnet")
    tables = {k: v for k, v in frames(small_world()).items() if k != "travel_times"}
    result = apl_engine.run(tables, RULES, network=network)
    return [_result_figures(result), network.pairs]


DOCUMENTS = {
    "run.toml": _in_toml("run.toml", run_document, _read_run),
    "run.toml of imports": _in_toml("run.toml", _activity_document, _read_gathered),
    "methodology": _in_toml(
        "own.toml", _own_methodology, lambda folder: repr(load_methodology(folder / "own.toml"))
    ),
    "aid rules": _in_toml(
        "own.toml", _aid_rules, lambda folder: repr(load_aid_rules(folder / "own.toml"))
    ),
    "contract": _in_toml(
        "c.toml", _contract, lambda folder: repr(read_contract(folder / "c.toml"))
    ),
    "proposal": _in_toml(
        "p.toml", _proposal, lambda folder: repr(read_proposal(folder / "p.toml"))
    ),
    "effect": _in_toml(
        "effect.toml", lambda _: {"52": datetime.date(2024, 10, 1)},
        lambda folder: repr(read_effect(folder, {"52", "84"})),
    ),
    "result: any file": Document(_result, _damage_file, _read_result),
    "result: record": Document(_result, _damage_record, _use_result),
    "result: table": Document(_result, _damage_table, _use_result),
    "network": Document(_network, _damage_network, _read_network),
}  # fmt: skip
