"""A page of headings, paragraphs and tables, as text for a terminal or as Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

WIDTH = 96
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Numbers:
    """How a language writes numbers.

    Attributes
    ----------
    decimal, thousands : the marks.
    percent : what stands after a share.
    """

    decimal: str
    thousands: str
    percent: str

    def write(self, value: float | Decimal | None, decimals: int = 0, *, sign: bool = False) -> str:
        """Write a number, "-" where there is none."""
        if value is None:
            return "-"
        text = f"{value:{'+' if sign else ''},.{decimals}f}"
        marks = {",": self.thousands, ".": self.decimal, "-": _MINUS}
        return "".join(marks.get(letter, letter) for letter in text)

    def share(self, value: float | Decimal | None, decimals: int = 1) -> str:
        """Write a share, %."""
        return "-" if value is None else self.write(value, decimals) + self.percent


ENGLISH = Numbers(".", ",", " %")
# A narrow no-break space between thousands, a no-break space before the sign.
FRENCH = Numbers(",", "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}%")


@dataclass(frozen=True)
class Table:
    """A table; columns whose header begins with ">" hold figures, and stand to the right."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    # A last row that adds up the others.
    total: Sequence[str] = ()


@dataclass
class Page:
    """What a page holds, in order."""

    title: str
    blocks: list[tuple[str, str | Table | Sequence[str]]] = field(default_factory=list)

    def heading(self, text: str) -> None:
        """Begin a part."""
        self.blocks.append(("heading", text))

    def say(self, text: str) -> None:
        """Add a paragraph."""
        self.blocks.append(("paragraph", text))

    def points(self, texts: Iterable[str]) -> None:
        """Add a list."""
        self.blocks.append(("points", list(texts)))

    def table(self, table: Table) -> None:
        """Add a table."""
        self.blocks.append(("table", table))

    def text(self) -> str:
        """Return the page for a terminal."""
        parts = [self.title]
        for kind, block in self.blocks:
            if isinstance(block, Table):
                parts.append(_plain_table(block))
            elif kind == "heading":
                parts.append(f"{block} ".ljust(WIDTH, "-"))
            elif isinstance(block, str):
                parts.append(_filled(block, "  ", "  "))
            else:
                parts.append("\n".join(_filled(point, "  - ", "    ") for point in block))
        return "\n\n".join(part for part in parts if part)

    def markdown(self) -> str:
        """Return the page as Markdown."""
        parts = [f"# {_escaped(self.title)}"]
        for kind, block in self.blocks:
            if isinstance(block, Table):
                parts.append(_markdown_table(block))
            elif kind == "heading":
                parts.append(f"## {_escaped(str(block))}")
            elif isinstance(block, str):
                parts.append(_escaped(block))
            else:
                parts.append("\n".join(f"- {_escaped(point)}" for point in block))
        return "\n\n".join(part for part in parts if part) + "\n"


def _filled(text: str, first: str, rest: str) -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )


def _columns(table: Table) -> tuple[list[str], list[bool], list[Sequence[str]]]:
    names = [name.removeprefix(">") for name in table.header]
    figures = [name.startswith(">") for name in table.header]
    return names, figures, [*table.rows, *([table.total] if table.total else [])]


def _plain_table(table: Table) -> str:
    names, figures, rows = _columns(table)
    widths = [max(len(row[k]) for row in [names, *rows]) for k in range(len(names))]
    lines = [
        "  "
        + "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, figures, strict=True)
        ).rstrip()
        for row in [names, *rows]
    ]
    if table.total:
        lines.insert(-1, "  " + "-" * (sum(widths) + 2 * (len(widths) - 1)))
    return "\n".join(lines)


def _markdown_table(table: Table) -> str:
    names, figures, rows = _columns(table)
    rule = ["---:" if right else "---" for right in figures]
    lines = [[_escaped(name) for name in names], rule]
    lines += [[_escaped(cell) for cell in row] for row in rows]
    if table.total:
        lines[-1] = [f"**{cell}**" if cell else "" for cell in lines[-1]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(text: str) -> str:
    """Return a text in which no name becomes a mark of Markdown, or HTML."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in text)
