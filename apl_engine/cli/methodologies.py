"""`apl methodologies`."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import click

from .options import fail_cleanly, json_option, print_json

if TYPE_CHECKING:
    from ..methodology.model import Methodology
    from ..methodology.values import Parameter


@click.group("methodologies", invoke_without_command=True)
@json_option
@click.pass_context
@fail_cleanly
def command(context: click.Context, as_json: bool) -> None:
    """List the legal texts known, and show their parameters.

    \b
    Examples:
      apl methodologies
      apl methodologies show mk-2024
      apl methodologies show my_variant.toml --json
    """
    if context.invoked_subcommand:
        return
    from ..methodology import list_methodologies, load_methodology

    found = [load_methodology(name) for name in list_methodologies()]
    if as_json:
        print_json([{"id": m.id, "title": m.title, "gaps": list(m.gaps)} for m in found])
        return
    for methodology in found:
        gaps = f"  ({len(methodology.gaps)} parameters not known)" if methodology.gaps else ""
        click.echo(f"{methodology.id:<12}{methodology.title}{gaps}")


@command.command("show")
@click.argument("methodology_id", metavar="ID|FILE")
@json_option
@fail_cleanly
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
    click.echo(_page(methodology))


def _page(methodology: Methodology) -> str:
    lines = [methodology.title, ""]
    for key, source in methodology.sources.items():
        lines.append(_wrapped(f"[{key}] {source.get('title', '')}", 2))
    lines.append("")
    lines.append("  ? marks a point that the text leaves open.")
    section = ""
    for parameter in methodology.parameters:
        if parameter.key.split(".")[0] != section:
            section = parameter.key.split(".")[0]
            lines += ["", section]
        lines += _entry(parameter, parameter.key in methodology.gaps)
    return "\n".join(lines)


def _entry(parameter: Parameter, gap: bool) -> list[str]:
    mark = "?" if parameter.silent else " "
    value = _value(parameter.as_dict()["value"])
    head = f"{mark} {parameter.key.split('.')[1]} = {value}"
    if parameter.unit and "\n" not in value:
        head += f" {parameter.unit}"
    lines = [head, _wrapped(f"[{parameter.source}] {parameter.article}", 6)]
    if gap:
        lines.append(_wrapped("Not known in this text; another text's value stands in.", 6))
    if parameter.reason:
        lines.append(_wrapped(parameter.reason, 6))
    return lines


def _value(value: Any) -> str:
    if not isinstance(value, list):
        return str(value).lower() if isinstance(value, bool) else str(value)
    rows = (", ".join(f"{k} {_cell(v)}" for k, v in row.items()) for row in value)
    return "".join(f"\n      - {row}" for row in rows) or "none"


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} {cell}" for key, cell in value.items())
    return _value(value)


def _wrapped(text: str, indent: int) -> str:
    space = " " * indent
    return textwrap.fill(text, 90, initial_indent=space, subsequent_indent=space)
