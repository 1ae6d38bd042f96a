"""`apl methodologies`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..reports.page import Column, Page
from .options import common_options, show
from .rulebook_output import rulebook_page, value_line

if TYPE_CHECKING:
    from ..methodology.model import Parameter


@click.group("methodologies", invoke_without_command=True)
@common_options
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """List the legal texts, and show their parameters.

    \b
    Examples:
      apl methodologies
      apl methodologies show mk-2024
      apl methodologies show my_variant.toml --json
    """
    if context.invoked_subcommand:
        return
    from ..methodology import list_methodologies, load_methodology

    methodologies = [load_methodology(name) for name in list_methodologies()]
    document = [{"id": m.id, "title": m.title, "gaps": list(m.gaps)} for m in methodologies]
    page = Page()
    page.table(
        ["", Column(longest=100), ""],
        [
            (m.id, m.title, f"({len(m.gaps)} parameters not known)" if m.gaps else "")
            for m in methodologies
        ],
    )
    show(document, lambda: page, as_json=as_json)


@command.command("show")
@click.argument("methodology_id", metavar="ID|FILE")
@common_options
@click.pass_context
def show_methodology(context: click.Context, /, methodology_id: str, as_json: bool) -> None:
    """Show every parameter with its article, and what the text leaves open.

    \b
    Examples:
      apl methodologies show mk-2024
    """
    from ..methodology import load_methodology

    methodology = load_methodology(methodology_id)

    def source(parameter: Parameter) -> str:
        gap = "Not known in this text; the value of another text is used."
        parts = [f"[{parameter.source}] {parameter.article}", parameter.reason]
        return " ".join(filter(None, [*parts, gap if parameter.key in methodology.gaps else ""]))

    def page() -> Page:
        return rulebook_page(
            methodology,
            "the text leaves open",
            methodology.parameters,
            lambda parameter: value_line(parameter, _value(parameter.as_dict()["value"])),
            source,
        )

    # `apl methodologies --json show ID` is understood as well.
    as_json = as_json or bool(context.parent and context.parent.params.get("as_json"))
    show(methodology.as_dict(), page, as_json=as_json)


def _value(value: Any) -> str:
    if not isinstance(value, list):
        return str(value).lower() if isinstance(value, bool) else str(value)
    rows = (", ".join(f"{k} {_cell(v)}" for k, v in row.items()) for row in value)
    return "".join(f"\n      - {row}" for row in rows) or "none"


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} {_cell(cell)}" for key, cell in value.items())
    return _value(value)
