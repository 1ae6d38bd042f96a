"""Pages of sections, paragraphs, lists and tables, as terminal text, Markdown or HTML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest
from typing import Literal, TypeAlias

WIDTH = 88
_BEFORE_MARK, _JOINED = re.compile(" (?=[:;!?»])"), "\x1f"

Language = Literal["en", "fr"]

Number: TypeAlias = float | Decimal | Fraction
Cell: TypeAlias = Number | str | None


@dataclass(frozen=True)
class Numbers:
    """How a language writes numbers.

    Attributes
    ----------
    decimal, thousands : str
        The separators.
    percent : str
        What follows a percentage.
    minus : str
        The sign of negative numbers.
    """

    decimal: str
    thousands: str
    percent: str
    minus: str

    def write(self, value: Number | None, decimals: int = 0, *, sign: bool = False) -> str:
        """Write a number, if `sign` with ``+`` before positive ones; ``-`` stands for None."""
        if value is None:
            return "-"
        if isinstance(value, Fraction):
            # The help of a command does without arrays.
            from ..rounding import round_decimal

            value = round_decimal(value, decimals)
        text = f"{value:{'+' if sign and value else ''},.{decimals}f}"
        marks = {",": self.thousands, ".": self.decimal, "-": self.minus}
        return "".join(marks.get(letter, letter) for letter in text)

    def share(self, value: Number | None, decimals: int = 1) -> str:
        """Write a percentage; ``-`` stands for None."""
        return "-" if value is None else self.write(value, decimals) + self.percent


ENGLISH = Numbers(".", " ", " %", "-")
# A narrow no-break space between thousands, a no-break space before the percent sign.
FRENCH = Numbers(",", "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}%", "\N{MINUS SIGN}")
NUMBERS: dict[Language, Numbers] = {"en": ENGLISH, "fr": FRENCH}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    heading : str
        Its name.
    decimals : int or None
        Decimals of its numbers, which are aligned to the right; None for a column of text, aligned
        to the left.
    sign, percent : bool
        Whether positive numbers have a ``+``; whether numbers are percentages.
    right : bool
        Whether text is aligned to the right.
    missing : str
        What stands for None.
    longest : int
        Characters of text that a terminal shows; what is longer is cut there.
    """

    heading: str = ""
    decimals: int | None = None
    _: KW_ONLY
    sign: bool = False
    percent: bool = False
    right: bool = False
    missing: str = "-"
    longest: int = 40

    @property
    def is_right(self) -> bool:
        """Whether the column is aligned to the right."""
        return self.right or self.decimals is not None

    def write(self, value: Cell, numbers: Numbers) -> str:
        """Write a cell: text as it is, numbers in the format of the column."""
        if value is None:
            return self.missing
        if isinstance(value, str):
            return value
        text = numbers.write(value, self.decimals or 0, sign=self.sign)
        return text + numbers.percent if self.percent else text


@dataclass(frozen=True)
class Heading:
    """The title of a section."""

    title: str

    def text(self) -> str:
        """Return the heading for a terminal."""
        return f"{self.title} ".ljust(WIDTH, "-")

    def markdown(self) -> str:
        """Return the heading as Markdown."""
        return f"## {_escaped(self.title)}"

    def html(self) -> str:
        """Return the heading as HTML."""
        return _element("h2", _html(self.title))


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    content: str

    def text(self) -> str:
        """Return the paragraph for a terminal, wrapped."""
        return _wrapped(self.content, "  ")

    def markdown(self) -> str:
        """Return the paragraph as Markdown."""
        return _escaped(self.content)

    def html(self) -> str:
        """Return the paragraph as HTML."""
        return _element("p", _html(self.content))


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: Sequence[str]

    def text(self) -> str:
        """Return the list for a terminal, wrapped."""
        return "\n".join(_wrapped(item, "    ", "  - ") for item in self.items)

    def markdown(self) -> str:
        """Return the list as Markdown."""
        return "\n".join(f"- {_escaped(item)}" for item in self.items)

    def html(self) -> str:
        """Return the list as HTML."""
        return _element("ul", "".join(_element("li", _html(item)) for item in self.items))


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    columns : sequence of Column
        If all their headings are empty, a terminal shows none.
    rows : sequence of sequences of cells
        Numbers and text.
    total : sequence of cells
        A last row that sums up the others; may be empty.
    details : sequence of str
        A text for each row: below it in a terminal, in a last column elsewhere. May be empty.
    limit : int or None
        Number of rows shown; None for all.
    rest : str
        Where to find the rows that are not shown, such as ``with --json``.
    numbers : Numbers
        The format of its numbers.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()
    details: Sequence[str] = ()
    limit: int | None = None
    rest: str = ""
    numbers: Numbers = ENGLISH

    def text(self) -> str:
        """Return the table for a terminal."""
        rows = [
            [cut_text(cell, column.longest) for cell, column in zip(row, self.columns, strict=True)]
            for row in self._written()
        ]
        titled = any(rows[0])
        widths = [max(map(len, cells)) for cells in zip(*rows[not titled :], strict=True)]
        lines = [self._line(row, widths) for row in rows]
        shown = lines[1 : len(lines) - bool(self.total)]
        for index, detail in enumerate(self.details[: len(shown)]):
            if detail:
                shown[index] += "\n" + _wrapped(detail, "      ")
        rule = "  " + "-" * (sum(widths) + 2 * (len(widths) - 1))
        footer = [rule, lines[-1]] if self.total else []
        return "\n".join([*lines[:titled], *shown, *footer, *self._left_out("  ")])

    def markdown(self) -> str:
        """Return the table as Markdown."""
        rows = [list(map(_escaped, row)) for row in self._written(with_details=True)]
        if self.total:
            rows[-1] = [f"**{cell}**" if cell else "" for cell in rows[-1]]
        marks = ["---:" if column.is_right else "---" for column in self.columns]
        rows.insert(1, [*marks, "---"][: len(rows[0])])
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return "\n".join(lines) + "".join(f"\n\n{text}" for text in self._left_out(""))

    def html(self) -> str:
        """Return the table as HTML."""
        head, *rows = self._written(with_details=True)
        foot = [rows.pop()] if self.total else []
        parts = (("thead", "th", [head]), ("tbody", "td", rows), ("tfoot", "th", foot))
        content = "".join(
            _element(part, "".join(_element("tr", self._cells(row, cell)) for row in group))
            for part, cell, group in parts
            if group
        )
        left_out = (_element("p", text) for text in self._left_out(""))
        return _element("table", content) + "".join(left_out)

    def _written(self, *, with_details: bool = False) -> list[list[str]]:
        """Return headings, shown rows and total as text."""
        rows = [
            [
                column.write(cell, self.numbers)
                for cell, column in zip(row, self.columns, strict=True)
            ]
            for row in (*self.rows[: self.limit], *([self.total] if self.total else []))
        ]
        rows.insert(0, [column.heading for column in self.columns])
        if with_details and any(self.details):
            details = ["", *self.details[: self.limit], ""]
            rows = [[*row, detail] for row, detail in zip(rows, details, strict=False)]
        return rows

    def _line(self, row: Sequence[str], widths: Sequence[int]) -> str:
        cells = (
            cell.rjust(width) if column.is_right else cell.ljust(width)
            for cell, width, column in zip(row, widths, self.columns, strict=True)
        )
        return f"  {'  '.join(cells)}".rstrip()

    def _cells(self, row: Sequence[str], element: str) -> str:
        right = ' style="text-align: right; white-space: nowrap"'
        left = ' style="text-align: left"'
        sides = [right if column.is_right else left for column in self.columns]
        return "".join(
            _element(element, _html(cell), side)
            for cell, side in zip_longest(row, sides, fillvalue=left)
        )

    def _left_out(self, indent: str) -> list[str]:
        count = 0 if self.limit is None else len(self.rows) - self.limit
        return [f"{indent}... {self.numbers.write(count)} more {self.rest}"] if count > 0 else []


Block: TypeAlias = Heading | Paragraph | Bullets | Table


@dataclass
class Page:
    """What a page holds, in order; a notebook shows it as HTML.

    Attributes
    ----------
    title : str
        May be empty.
    numbers : Numbers
        The format of the numbers in its tables.
    blocks : list of Heading, Paragraph, Bullets or Table
        Its content.
    """

    title: str = ""
    numbers: Numbers = ENGLISH
    blocks: list[Block] = field(default_factory=list)

    def section(self, title: str) -> None:
        """Begin a section."""
        self.blocks.append(Heading(title))

    def paragraph(self, text: str) -> None:
        """Add a paragraph."""
        self.blocks.append(Paragraph(text))

    def bullets(self, texts: Iterable[str]) -> None:
        """Add a list, unless it is empty."""
        if items := list(texts):
            self.blocks.append(Bullets(items))

    def table(
        self,
        columns: Iterable[Column | str],
        rows: Iterable[Sequence[Cell]],
        *,
        total: Sequence[Cell] = (),
        details: Sequence[str] = (),
        limit: int | None = None,
        rest: str = "",
    ) -> None:
        """Add a table, unless it has no row; see `Table`. A text is a column of that heading."""
        if rows := list(rows):
            made = [Column(one) if isinstance(one, str) else one for one in columns]
            self.blocks.append(Table(made, rows, total, details, limit, rest, self.numbers))

    def text(self) -> str:
        """Return the page for a terminal."""
        parts = [self.title] if self.title else []
        for index, block in enumerate(self.blocks):
            text = block.text()
            under = index and isinstance(self.blocks[index - 1], Heading)
            if under and not isinstance(block, Heading):
                parts[-1] += "\n" + text
            else:
                parts.append(text)
        return "\n\n".join(parts)

    def markdown(self) -> str:
        """Return the page as Markdown."""
        parts = [f"# {_escaped(self.title)}"] if self.title else []
        return "\n\n".join([*parts, *(block.markdown() for block in self.blocks)]) + "\n"

    def html(self) -> str:
        """Return the page as a fragment of HTML."""
        parts = [_element("h1", _html(self.title))] if self.title else []
        return "\n".join([*parts, *(block.html() for block in self.blocks)]) + "\n"

    def __str__(self) -> str:
        return self.text()

    _repr_markdown_ = markdown
    _repr_html_ = html


def _wrapped(text: str, indent: str, first: str | None = None) -> str:
    # French has a space before some marks, where no line may break.
    filled = textwrap.fill(
        _BEFORE_MARK.sub(_JOINED, text).replace("« ", f"«{_JOINED}"),
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return filled.replace(_JOINED, " ")


def cut_text(text: str, longest: int) -> str:
    """Return a text of at most `longest` characters, with an ellipsis if it was longer."""
    return text if len(text) <= longest else text[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _html(text: str) -> str:
    """Return text with what HTML gives a meaning escaped."""
    # A page in a terminal does without.
    from html import escape

    return escape(text)


def _element(name: str, content: str, attributes: str = "") -> str:
    return f"<{name}{attributes}>{content}</{name}>"


def _escaped(text: str) -> str:
    """Return a text in which no name can become Markdown or HTML."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in text)
