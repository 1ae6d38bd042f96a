"""Rulebooks: TOML files of legal values, each with its source, which may extend one another.

`read_rulebook` reads a file and those that it extends. What is not known, not cited or not
possible becomes a fault; the faults of all files are raised together.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..errors import Fault, MethodologyError
from ..small_files import read_small_file
from .parsers import Parser, ValueRefusedError, parsers_of

_WORDS = ("unit", "source", "article", "reason")


@dataclass(frozen=True, kw_only=True)
class CitedValue:
    """A value of a rulebook and where it comes from.

    Attributes
    ----------
    key : str
        Section and name, such as ``etp.age_limit``.
    value : object
        As written in the file.
    unit, source, article : str
        Of the value; `source` is a key of the sources of the rulebook.
    silent : bool
        Whether no text settles the point.
    reason : str
        What was chosen and why.
    file : str
        The file that gives the value.
    """

    key: str
    value: Any
    unit: str = ""
    source: str
    article: str
    silent: bool = False
    reason: str = ""
    file: str = ""


@dataclass(frozen=True)
class RulebookFormat:
    """What the files of one kind of rulebook may hold.

    Attributes
    ----------
    folder : Path
        Where the files shipped with the package are.
    default : str
        The id of the one that a file of one's own may extend.
    identity : mapping of str to callable
        Keys that identify the rulebook, each with its parser; all but ``id`` are inherited.
    sections : mapping of str to type
        For each section the dataclass of its values, see `parsers_of`.
    optional : set of str
        Other keys at the top of a file.
    source_keys : set of str or None
        What a source may state beside its title; anything if None.
    """

    folder: Path
    default: str
    identity: Mapping[str, Parser]
    sections: Mapping[str, type]
    optional: frozenset[str] = frozenset()
    source_keys: frozenset[str] | None = None

    @property
    def ids(self) -> list[str]:
        """The ids of the files shipped, sorted."""
        return sorted(path.stem for path in self.folder.glob("*.toml"))

    @property
    def parsers(self) -> dict[str, Parser]:
        """The parser of each value, by section and name."""
        return {
            f"{section}.{name}": parser
            for section, kind in self.sections.items()
            for name, parser in parsers_of(kind).items()
        }


@dataclass(frozen=True)
class RulebookFile:
    """A TOML file as read; `sha256` is of its bytes."""

    name: str
    path: Path
    raw: Mapping[str, Any]
    sha256: str

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a table of the file; empty if it is missing or no table."""
        table = self.raw.get(name)
        return table if isinstance(table, dict) else {}


class FaultCollector:
    """Everything that is wrong with a rulebook, to be raised together."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(
        self, kind: str, file: str, key: str, values: Iterable[object] = (), /, **details: object
    ) -> None:
        """Add a fault; `kind` is one of ``rulebook`` or a code of its own."""
        code, shown = kind if "." in kind else f"rulebook.{kind}", tuple(map(str, values))
        self.faults.append(Fault(code, file, key=key or None, values=shown, details=details))

    def parse(self, parser: Parser, value: Any, file: str, key: str) -> Any:
        """Return a typed value; None, and faults, if it is refused."""
        try:
            return parser(value)
        except ValueRefusedError as error:
            self.faults += [problem.fault(file, key) for problem in error.problems]
            return None

    def raise_all(self) -> None:
        """Raise every fault met, each once, if any."""
        if self.faults:
            raise MethodologyError(dict.fromkeys(self.faults))


class Rulebook(FaultCollector):
    """A file, those that it extends, and the faults met so far.

    Attributes
    ----------
    format : RulebookFormat
    files : list of RulebookFile
        The most particular first.
    """

    def __init__(self, format: RulebookFormat) -> None:
        super().__init__()
        self.format = format
        self.files: list[RulebookFile] = []

    @property
    def name(self) -> str:
        """The name of the most particular file."""
        return self.files[0].name

    @property
    def sources(self) -> dict[str, Any]:
        """Every source by its key."""
        return {k: v for file in reversed(self.files) for k, v in file.section("sources").items()}

    @property
    def digests(self) -> tuple[tuple[str, str], ...]:
        """Name and SHA-256 of each file."""
        return tuple((file.name, file.sha256) for file in self.files)

    def identity(self) -> dict[str, Any]:
        """Return the keys that identify the rulebook."""
        values = {}
        for key, parser in self.format.identity.items():
            holders = [file for file in self.files[: 1 if key == "id" else None] if key in file.raw]
            if holders:
                values[key] = self.parse(parser, holders[0].raw[key], holders[0].name, key)
            else:
                self.add("missing", self.name, key)
        return values

    def entries(self) -> Iterator[tuple[RulebookFile, str, Any]]:
        """Yield each known value as written, with its file and key; the most general file first."""
        for file in reversed(self.files):
            for section, kind in self.format.sections.items():
                for name, entry in file.section(section).items():
                    key = f"{section}.{name}"
                    if name in parsers_of(kind):
                        yield file, key, entry
                    else:
                        self.add("unknown_key", file.name, key, known=tuple(parsers_of(kind)))

    def citation(
        self,
        file: RulebookFile,
        key: str,
        entry: Any,
        inherited: CitedValue | None,
        *,
        own_keys: tuple[str, ...],
        where: str = "",
    ) -> dict[str, Any] | None:
        """Return the fields of a `CitedValue`; None, and faults, if the entry is malformed.

        A value that replaces an inherited one needs no citation of its own if it has a reason: it
        then takes over the citation of the value it replaces.

        Parameters
        ----------
        file : RulebookFile
        key : str
        entry : object
            The table as written.
        inherited : CitedValue or None
            What the extended file says.
        own_keys : tuple of str
            Keys that the table may have beside those of every citation.
        where : str
            The key for faults; by default `key`.
        """
        where, before = where or key, len(self.faults)
        if not isinstance(entry, dict) or "value" not in entry:
            self.add("not_an_entry", file.name, where)
            return None
        known = ("value", *_WORDS, "silent", *own_keys)
        for name in sorted(entry.keys() - set(known)):
            self.add("unknown_key", file.name, f"{where}.{name}", known=known)
        words = {name: entry.get(name, "") for name in _WORDS}
        not_texts = [name for name, word in words.items() if not isinstance(word, str)]
        for name in not_texts:
            self.add("not_a_text", file.name, f"{where}.{name}", [words[name]])
        unit, source, article, reason = (str(word).strip() for word in words.values())
        cited, silent = bool(source and article), entry.get("silent", False)
        if not cited and not (inherited and reason):
            self.add("uncited", file.name, where, replaces=inherited is not None)
        if cited and not not_texts and source not in self.sources:
            self.add("unknown_source", file.name, where, source=source)
        if not isinstance(silent, bool) or (silent and not reason):
            self.add("silent_without_reason", file.name, where)
        if len(self.faults) > before:
            # The value may be wrong too.
            self.parse(self.format.parsers[key], entry["value"], file.name, where)
            return None
        if inherited:
            unit = unit or inherited.unit
            if not cited:
                source, article = inherited.source, f"in place of {inherited.article}"
                silent = silent or inherited.silent
        fields = {"unit": unit, "source": source, "article": article, "reason": reason}
        return {"key": key, "value": entry["value"], "silent": silent, "file": file.name, **fields}

    def require(self, given: Mapping[str, object]) -> None:
        """Note the values that no file gives."""
        if missing := tuple(key for key in self.format.parsers if key not in given):
            facts = {"missing": missing, "number": len(missing), "default": self.format.default}
            self.add("missing_values", self.name, "", **facts)


def read_rulebook(name: str | Path, format: RulebookFormat) -> Rulebook:
    """Read a file and those that it extends, most particular first.

    Parameters
    ----------
    name : str or Path
        The id of a file shipped with the package, or the path of another.
    format : RulebookFormat

    Returns
    -------
    Rulebook
        With the faults in the structure of its files, which are not raised yet.

    Raises
    ------
    MethodologyError
        A file cannot be found or read, or extends itself.
    """
    book = Rulebook(format)
    following: Any = name
    while not book.files or (following := book.files[-1].raw.get("extends")) is not None:
        path = _find(book, following)
        if path.resolve() in {file.path.resolve() for file in book.files}:
            book.add("extends_itself", book.files[-1].name, "extends", [following])
            book.raise_all()
        book.files.append(_read(book, path))
        _check_structure(book, book.files[-1])
    return book


def _find(book: Rulebook, name: Any) -> Path:
    """Return the path of a file, which may stand beside the one that extends it."""
    child, ids = book.files[-1] if book.files else None, book.format.ids
    if isinstance(name, Path) or (isinstance(name, str) and (name[-5:] == ".toml" or "/" in name)):
        beside = child.path.parent / name if child else Path(name)
        path = beside if os.path.isfile(beside) else Path(name)
        if os.path.exists(path):
            return path
        kind = "no_such_file"
    elif name in ids:
        return book.format.folder / f"{name}.toml"
    else:
        kind = "unknown_id" if isinstance(name, str) else "not_an_id"
    where = (child.name, "extends", [name]) if child else (str(name), "")
    book.add(kind, *where, ids=tuple(ids))
    raise MethodologyError(book.faults)


def _read(book: Rulebook, path: Path) -> RulebookFile:
    name = path.name if path.parent == book.format.folder else str(path)
    try:
        content = read_small_file(path)
        raw = tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        book.add("unreadable", name, "", reason=str(error))
        raise MethodologyError(book.faults) from error
    return RulebookFile(name, path, raw, hashlib.sha256(content).hexdigest())


def _check_structure(book: Rulebook, file: RulebookFile) -> None:
    form = book.format
    known = {*form.identity, *form.optional, *form.sections, "extends", "sources"}
    for key in sorted(file.raw.keys() - known):
        book.add("unknown_key", file.name, key, known=tuple(sorted(known)))
    for section in ("sources", *form.sections):
        if not isinstance(file.raw.get(section, {}), dict):
            book.add("not_a_table", file.name, section)
    for key, source in file.section("sources").items():
        if not isinstance(source, dict) or not isinstance(source.get("title"), str):
            book.add("not_a_source", file.name, f"sources.{key}")
        elif (keys := form.source_keys) is not None and (
            source.keys() - keys - {"title"} or not all(isinstance(v, str) for v in source.values())
        ):
            book.add("unknown_in_source", file.name, f"sources.{key}", known=tuple(sorted(keys)))
