"""`apl methodologies`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from .options import common_options, print_json
from .rulebook_output import value_head, values_page, wrapped

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
    if as_json:
        print_json([{"id": m.id, "title": m.title, "gaps": list(m.gaps)} for m in methodologies])
        return
    for methodology in methodologies:
        gaps = f"  ({len(methodology.gaps)} parameters not known)" if methodology.gaps else ""
        click.echo(f"{methodology.id:<12}{methodology.title}{gaps}")


@command.command("show")
@click.argument("methodology_id", metavar="ID|FILE")
@common_options
def show(methodology_id: str, as_json: bool) -> None:
    """Show every parameter with its article, and what the text leaves open.

    \b
    Examples:
      apl methodologies show mk-2024
    """
    from ..methodology import load_methodology

    methodology = load_methodology(methodology_id)
    if as_json:
        print_json(methodology.as_dict())
        return
    mark, gaps = "the text leaves open", methodology.gaps
    parameters = methodology.parameters
    click.echo(values_page(methodology, mark, parameters, lambda p: _lines(p, p.key in gaps)))


def _lines(parameter: Parameter, gap: bool) -> Iterator[str]:
    value = _value(parameter.as_dict()["value"])
    yield value_head(parameter, value)
    yield wrapped(f"[{parameter.source}] {parameter.article}", 6)
    if gap:
        yield wrapped("Not known in this text; the value of another text is used.", 6)
    if parameter.reason:
        yield wrapped(parameter.reason, 6)


def _value(value: Any) -> str:
    if not isinstance(value, list):
        return str(value).lower() if isinstance(value, bool) else str(value)
    rows = (", ".join(f"{k} {_cell(v)}" for k, v in row.items()) for row in value)
    return "".join(f"\n      - {row}" for row in rows) or "none"


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} {cell}" for key, cell in value.items())
    return _value(value)
