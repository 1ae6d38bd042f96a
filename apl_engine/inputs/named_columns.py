"""Columns that the user names, since a file has them under other names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..errors import Fault, InputDataError, check_elements, check_types
from .names import plain


@dataclass
class NamedColumns:
    """Names of columns in files, by the names that this package gives them.

    A command may read several files: a name applies to each that has such a column, and must be
    in one of them at least. What reads a file states so here.

    Attributes
    ----------
    given : mapping of str to str
        Column of a file by our name, such as ``acts``; or by table and name, such as
        ``practitioners.commune``, for that table alone.
    fields : set of str
        Keys that apply to one of the files that were read.
    used : set of str
        Those whose column a file has.
    """

    given: Mapping[str, str]
    fields: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, given: NamedColumns | Mapping[str, str] | None) -> NamedColumns:
        """Return the same, or one of a mapping."""
        check_types(columns=(given, NamedColumns, Mapping, None))
        names = given.given if isinstance(given, NamedColumns) else dict(given or {})
        check_elements(columns=(names, str))
        check_types(**{f"columns[{name!r}]": (column, str) for name, column in names.items()})
        return given if isinstance(given, NamedColumns) else cls(names)

    def in_table(self, table: str, ours: Iterable[str], header: Iterable[str]) -> dict[str, str]:
        """Return the columns of a table whose name in its file is given.

        Parameters
        ----------
        table : str
            Name of the table.
        ours : iterable of str
            Its columns.
        header : iterable of str
            The columns of the file.

        Returns
        -------
        dict of str to str
            Column of the file by ours.
        """
        keys = {key: name for name in ours for key in (name, f"{table}.{name}")}
        self.fields |= keys.keys()
        found = {}
        if self.given:
            names = {plain(name): name for name in reversed(list(header))}
            for key, name in keys.items():
                if (wanted := plain(self.given.get(key, ""))) in names:
                    self.used.add(key)
                    found[name] = names[wanted]
        return found

    def rest(self) -> dict[str, str]:
        """Return those that no file so far has."""
        return {key: name for key, name in self.given.items() if key not in self.used}

    def unread(self, table: str, ours: Iterable[str]) -> None:
        """State that the file of a table could not be opened: it may have the columns named."""
        keys = {key for name in ours for key in (name, f"{table}.{name}")}
        self.fields |= keys
        self.used |= keys

    def faults(self, table: str) -> list[Fault]:
        """Return the faults of names of no column, and of columns that no file has."""
        faults = []
        details: dict[str, object]
        unknown = [key for key in self.given if key not in self.fields]
        for key in unknown[:]:
            # « Code commune=commune »: ours was written last.
            if (ours := self.given[key]) in self.fields:
                unknown.remove(key)
                details = {
                    "given": f"'{key}={ours}'", "ours": ours, "theirs": key,
                    "example": f"'{ours}={key}'",
                }  # fmt: skip
                faults.append(Fault("source_file.names_exchanged", table, details=details))
        if unknown:
            known = tuple(sorted(key for key in self.fields if "." not in key))
            details = {"fields": tuple(unknown), "known": known}
            faults.append(Fault("source_file.unknown_field", table, details=details))
        absent = {key: name for key, name in self.rest().items() if key in self.fields}
        if absent:
            details = {
                "fields": tuple(absent), "columns": tuple(absent.values()),
                "example": next(iter(absent)),
            }  # fmt: skip
            faults.append(Fault("source_file.no_such_column", table, details=details))
        return faults

    def finish(self, given: object, table: str) -> None:
        """Raise the faults of names, unless `given` is this object, whose maker does.

        Parameters
        ----------
        given : object
            What the caller gave for it.
        table : str
            What was read, for the faults.

        Raises
        ------
        InputDataError
            A name is of no column, or no file has the column.
        """
        if given is not self and (faults := self.faults(table)):
            raise InputDataError(faults)
