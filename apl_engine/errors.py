"""What the package reports: faults of an input, notes on a result, and the errors it raises.

Every error that is raised on purpose derives from `AplError`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeAlias, TypeVar

from .messages import render
from .quoting import HIDDEN, is_name, is_quotable

# Called with a few words as each step of a long computation begins.
OnStep: TypeAlias = Callable[[str], None]

P = ParamSpec("P")
R = TypeVar("R")


#: Characters that cannot be seen, as a pattern: an identifier with one looks like another.
INVISIBLE = (
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5"
    "\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff"
    "\\uffa0\\ufff9-\\ufffb\\U000e0000-\\U000e0fff]"
)
#: Characters that are no text, as a pattern.
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
_UNPRINTABLE = re.compile(f"{INVISIBLE}|\r")
# The first, and spaces that look like that of the keyboard.
_NAMED = re.compile(f"{INVISIBLE}|[\\xa0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]")
_UNNAMED = {"\0": "NULL", "\x7f": "DELETE", "\x1a": "SUBSTITUTE"}


def name_characters(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the characters in some texts that cannot be told by eye."""
    odd = dict.fromkeys(letter for text in texts for letter in _NAMED.findall(text))
    return tuple(
        f"U+{ord(c):04X} {unicodedata.name(c, _UNNAMED.get(c, 'CONTROL CHARACTER'))}" for c in odd
    )


def printable(text: str) -> str:
    """Return text with escapes for what is no text, or cannot be seen.

    They are bytes of file names, characters that command a terminal, and those that hide others or
    change their direction; line ends and tabulations stay.
    """
    text = text.encode("utf-8", "backslashreplace").decode()
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


# Subjects of what the user typed or wrote, such as options: not of tables, so all is quoted.
_TYPED = frozenset(
    (
        "aid_rules", "aids", "argument", "contract", "dependency", "error", "installation",
        "lookup", "margins", "methodology", "option", "osrm", "output", "proposal", "rulebook",
        "run_file", "schedule", "sweep", "value", "what_if",
    )
)  # fmt: skip
# Kinds of notes whose examples are names of files or columns.
_OF_NAMES = re.compile(r"\.(?:columns|files|table|sheets|unread)_|[._]sheets$|_names?$")
# Details that are paths, commands with paths, days that are stated, names of texts.
_OURS = frozenset(
    (
        "command", "day", "end", "file", "files", "folder", "from", "full_name", "install",
        "journal", "path", "record", "start", "title", "to", "url",
    )
)  # fmt: skip
_PERSONS = "not shown, as they may hold data of persons"


def _screened(code: str, values: Iterable[object]) -> tuple[tuple[str, ...], bool]:
    """Return the values that a message may quote, and whether there are others."""
    given = tuple(map(str, values))
    if code.partition(".")[0] in _TYPED or not given:
        return given, False
    may = is_name if _OF_NAMES.search(code) else is_quotable
    kept = tuple(value for value in given if may(value))
    return kept, len(kept) < len(given)


def _screened_details(code: str, details: Mapping[str, object]) -> Mapping[str, object]:
    """Return details whose text holds no identifier or birth date of a person."""
    if code.partition(".")[0] in _TYPED:
        return details

    def screened(name: str, value: object) -> object:
        if isinstance(value, tuple | list):
            return tuple(screened(name, one) for one in value)
        may = not isinstance(value, str) or name in _OURS or is_name(value)
        return value if may else HIDDEN

    return {name: screened(name, value) for name, value in details.items()}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an input, as data; `str` puts it into words.

    Attributes
    ----------
    code : str
        Stable name of the kind of fault, for programs, such as ``population.negative_value``. The
        sentence and the hint that belong to it stand in ``messages/``.
    table : str
        Name of the table, or of the file if the table is not known.
    column : str or None
        The column at fault.
    key : str or None
        The key at fault, in a TOML file; or the name of a parameter.
    count : int or None
        Number of rows.
    rows : tuple of int
        The first of them, counted from 1 below the header.
    values : tuple of str
        What stands there, without what may be an identifier or a birth date (see ``quoting``);
        always empty for columns that describe a practitioner.
    withheld : bool
        Whether other values stand there that are not shown, as they may hold data of persons.
    details : mapping of str to object
        What else the sentence states: plain values by name.
    """

    code: str
    table: str
    column: str | None = field(default=None, kw_only=True)
    key: str | None = field(default=None, kw_only=True)
    count: int | None = field(default=None, kw_only=True)
    rows: tuple[int, ...] = field(default=(), kw_only=True)
    values: tuple[str, ...] = field(default=(), kw_only=True)
    withheld: bool = field(default=False, kw_only=True)
    details: Mapping[str, object] = field(default_factory=dict, hash=False, kw_only=True)

    def __post_init__(self) -> None:
        values, withheld = _screened(self.code, self.values)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "withheld", self.withheld or withheld)
        object.__setattr__(self, "details", _screened_details(self.code, self.details))

    @property
    def problem(self) -> str:
        """What is wrong, in words."""
        return render(self.code, "problem", self._facts)

    @property
    def hint(self) -> str:
        """What to do about it, in words; empty if there is nothing to add."""
        return render(self.code, "hint", self._facts)

    @property
    def _facts(self) -> dict[str, object]:
        own = {"table": self.table, "column": self.column, "count": self.count}
        return {**own, "key": self.key, "values": self.values, **self.details}

    def __str__(self) -> str:
        where = self.table
        where += f", column '{self.column}'" if self.column else ""
        where += f": [{self.key}]" if self.key else ""
        text = f"{where}{' ' if self.key else ': '}{self.problem}"
        evidence = []
        if self.count is not None:
            evidence.append(f"{self.count} row{'s' if self.count > 1 else ''}")
        if self.rows:
            more = ", ..." if (self.count or 0) > len(self.rows) else ""
            label = "row" if len(self.rows) == 1 else "rows"
            evidence.append(f"{label} {', '.join(map(str, self.rows))}{more}")
        if self.values:
            label = "value" if len(self.values) == 1 else "values such as"
            evidence.append(f"{label} {', '.join(map(repr, self.values))}")
            if "characters" not in self.details and (odd := name_characters(self.values)):
                evidence.append(f"with {', '.join(odd)}")
        if self.withheld:
            evidence.append(f"{'others' if self.values else 'values'} {_PERSONS}")
        if evidence:
            text += f" ({'; '.join(evidence)})"
        return printable(f"{text}. {self.hint}" if self.hint else text)

    def as_dict(self) -> dict[str, Any]:
        """Return the fault as plain values, with its sentence and hint, for JSON."""
        data = {
            "code": self.code,
            "table": printable(self.table),
            "column": self.column,
            "key": self.key,
            "count": self.count,
            "rows": self.rows,
            "values": self.values,
            "values_withheld": self.withheld,
            "characters": name_characters(self.values),
            "details": dict(self.details),
            "problem": printable(self.problem),
            "hint": printable(self.hint),
        }
        return {key: value for key, value in data.items() if value not in (None, False, (), "", {})}


@dataclass(frozen=True)
class Note:
    """One remark on a run, as data; `text` and `str` put it into words.

    Attributes
    ----------
    code : str
        Stable name of the kind of remark, for programs, such as ``network.beyond_reach``. Its
        sentence stands in ``messages/``.
    count : int
        Number of rows or places concerned.
    examples : tuple of str
        The first of them, without what may be an identifier or a birth date (see ``quoting``).
    warning : bool
        Whether the reader should look into it.
    withheld : bool
        Whether examples are not shown, as they may hold data of persons.
    details : mapping of str to object
        What else the sentence states: plain values by name.
    """

    code: str
    count: int = 0
    examples: tuple[str, ...] = ()
    warning: bool = field(default=False, kw_only=True)
    withheld: bool = field(default=False, kw_only=True)
    details: Mapping[str, object] = field(default_factory=dict, hash=False, kw_only=True)

    def __post_init__(self) -> None:
        examples, withheld = _screened(self.code, self.examples)
        object.__setattr__(self, "examples", examples)
        object.__setattr__(self, "withheld", self.withheld or withheld)
        object.__setattr__(self, "details", _screened_details(self.code, self.details))

    @property
    def text(self) -> str:
        """The remark in words, without examples."""
        return render(self.code, "text", {"count": self.count, **self.details})

    def __str__(self) -> str:
        text = self.text
        if self.examples:
            more = ", ..." if self.count > len(self.examples) else ""
            text += f": {', '.join(self.examples)}{more}"
        if self.withheld:
            text += f" ({'others' if self.examples else 'examples'} {_PERSONS})"
        return printable(text)

    def as_dict(self) -> dict[str, Any]:
        """Return the note as plain values, with its sentence, for JSON."""
        return {
            "code": self.code,
            "text": self.text,
            "count": self.count,
            "examples": list(self.examples),
            "warning": self.warning,
            **({"examples_withheld": True} if self.withheld else {}),
            "details": dict(self.details),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Note:
        """Return the note that `as_dict` described."""
        return cls(
            data["code"],
            data["count"],
            tuple(data["examples"]),
            warning=data["warning"],
            withheld=bool(data.get("examples_withheld")),
            details=data["details"],
        )


class AplError(Exception):
    """Base class: ``except AplError`` catches every foreseen failure, and no bug.

    Parameters
    ----------
    faults : Fault or iterable of Fault
        What is wrong; all of it, not only the first.

    Attributes
    ----------
    faults : tuple of Fault
    """

    title = ""

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        # The faults alone are the arguments, so that an error can be pickled.
        self.faults = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        if not self.title:
            return "\n".join(map(str, self.faults))
        title = render(self.title, "problem", {"count": len(self.faults)})
        if any(fault.rows for fault in self.faults):
            title += " " + render("error.row_numbers", "problem", {})
        return "\n".join([title, *(f"  - {fault}" for fault in self.faults)])


class InputDataError(AplError, ValueError):
    """Input tables or files break their contract."""

    title = "error.input_data"


class MethodologyError(AplError, ValueError):
    """A methodology file is malformed, lacks a source or contradicts itself."""


class OutputError(AplError, OSError):
    """A result cannot be written to the requested path; nothing was left there."""


class ProposalRefusedError(AplError, ValueError):
    """Regional proposals break rules of annexe V."""

    title = "error.proposal_refused"


class TravelServiceError(AplError, ConnectionError):
    """A server of travel times cannot be reached, or its answer cannot be used."""


class ExecutorError(AplError, RuntimeError):
    """The workers that a computation was given to cannot be used, or were lost."""


class ComputationError(AplError, ArithmeticError):
    """An invariant of the method does not hold; this is a defect of the package."""


# Values that a fault or a note shows of those concerned.
EXAMPLES = 5


def first(values: Iterable[object], number: int = EXAMPLES) -> tuple[str, ...]:
    """Return the first few values as text."""
    return tuple(str(value) for value, _ in zip(values, range(number), strict=False))


def check_whole_number(argument: str, value: object, minimum: int) -> None:
    """Refuse an argument that is not a whole number of `minimum` or more.

    Raises
    ------
    InputDataError
        It is not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        details = {"minimum": minimum, "given": str(value)}
        raise InputDataError(Fault("argument.not_a_whole_number", argument, details=details))


# By annotation; NumPy's truth values have the same name.
_ALWAYS_CHECKED: dict[str, tuple[Any, ...]] = {
    "bool": ("bool",),
    "OnStep | None": (Callable, None),
}


def check_arguments(
    **types: type | tuple[type | str | None, ...],
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function refuse arguments of wrong types before it begins; see `check_types`.

    Truth values and ``on_step`` are checked by their annotations.

    Parameters
    ----------
    **types : type or tuple
        By name of the argument.

    Returns
    -------
    callable
        The decorator.
    """
    kinds = {name: of if isinstance(of, tuple) else (of,) for name, of in types.items()}

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        for name, stated in function.__annotations__.items():
            if stated in _ALWAYS_CHECKED:
                kinds.setdefault(name, _ALWAYS_CHECKED[stated])
        code = function.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

        @functools.wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            # A wrong number of arguments is left to the function itself.
            given = {**dict(zip(names, args, strict=False)), **kwargs}
            check_types(**{n: (given[n], *of) for n, of in kinds.items() if n in given})
            return function(*args, **kwargs)

        return checked

    return decorate


def check_types(**arguments: tuple[Any, ...]) -> None:
    """Refuse arguments of wrong types, all of them at once.

    Parameters
    ----------
    **arguments : tuple
        By name: the value, and the types that it may have; None stands for itself, and a text for
        the class of that name, if importing it would take time.

    Raises
    ------
    InputDataError
        A value has none of its types, or is a path with a null character. A truth value is not a
        number.
    """
    faults = []
    for name, (value, *kinds) in arguments.items():
        types = tuple(type(None) if k is None else k for k in kinds if not isinstance(k, str))
        fits = isinstance(value, types) or any(b.__name__ in kinds for b in type(value).__mro__)
        no_number = isinstance(value, bool) and bool not in types and "bool" not in kinds
        if not fits or no_number:
            expected = tuple(getattr(kind, "__name__", str(kind)) for kind in kinds)
            details = {"expected": expected, "type": type(value).__name__}
            faults.append(Fault("argument.wrong_type", name, details=details))
        elif Path in types and isinstance(value, str | Path) and "\0" in str(value):
            faults.append(Fault("argument.null_in_path", name))
    if faults:
        raise InputDataError(faults)


def check_elements(**sequences: tuple[Iterable[Any], *tuple[type | None, ...]]) -> None:
    """Refuse sequences with an element of another type.

    Parameters
    ----------
    **sequences : tuple
        By name of the argument: its elements, and the types that they may have.

    Raises
    ------
    InputDataError
        Names each of the first such elements by its place, counted from 0.
    """
    check_types(**{
        f"{name}[{place}]": (one, *types)
        for name, (elements, *types) in sequences.items()
        for place, one in enumerate(elements)
    })  # fmt: skip


def check_threads(threads: int | None) -> None:
    """Refuse a number of threads that is not a whole number of 1 or more; None is all cores."""
    if threads is not None:
        check_whole_number("threads", threads, 1)


def missing_library(library: str, extra: str) -> dict[str, Any]:
    """Return the details of a fault or note on an optional library that is not installed.

    Parameters
    ----------
    library : str
        As it is imported.
    extra : str
        The extra of the package that has it.

    Returns
    -------
    dict
        Both, and ``install``: the command that installs it, from where the package was installed.
    """
    return {"library": library, "extra": extra, "install": _install_command(extra)}


def _install_command(extra: str) -> str:
    import json
    import sys
    from importlib.metadata import PackageNotFoundError, distribution
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        text = distribution("apl-engine").read_text("direct_url.json")
    except PackageNotFoundError:
        text = None
    origin = json.loads(text) if text else {}
    url = origin.get("url", "")
    if vcs := origin.get("vcs_info", {}).get("vcs"):
        return f"pip install 'apl-engine[{extra}] @ {vcs}+{url}'"
    beside = Path(__file__).parents[1]
    if url.startswith("file:"):
        source = Path(url2pathname(urlsplit(url).path))
    elif (beside / "pyproject.toml").is_file():
        source = beside
    else:
        return f"pip install 'apl-engine[{extra}]'"
    is_here = source == Path.cwd()
    if Path(sys.prefix) == source / ".venv":
        script = Path("scripts/prepare") if is_here else source / "scripts" / "prepare"
        return f"{script} --no-default-groups --extra {extra}"
    editable = "-e " if origin.get("dir_info", {}).get("editable") else ""
    return f"pip install {editable}'{'.' if is_here else source}[{extra}]'"
