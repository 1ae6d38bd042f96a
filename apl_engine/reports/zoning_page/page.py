"""The page as one file: content, modules and style, under a policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from ...errors import OnStep, check_arguments
from ...executors import Given
from ...geography.boundaries import Boundaries
from ...methodology.values import plain_fields
from ...results.atomic_file import write_text
from ...results.read import StoredResult
from ...results.samples import is_fictitious
from ...runs.reproduce import locate_inputs
from ...steps import announce
from ..boundaries import boundaries_of
from ..page import Language
from .content import PageSource, communes_content, meta_content, territories_content
from .lookup import lookup_content, read_search_names
from .modules import asset, script, style
from .national import national_content
from .supplies import margins_content, supplies_content
from .texts import texts
from .workbench import workbench_content

PAGE_ENDINGS = (".html", ".htm")
# Of a page without outlines of communes: steps in one, and how far borders may move, metres.
_COARSER = (12, 1100.0)
_BLOCK = '<script type="application/octet-stream" id="{id}">{content}</script>'


@check_arguments(zones=StoredResult)
def make_page(
    zones: StoredResult,
    *,
    boundaries: Boundaries | None = None,
    before: StoredResult | None = None,
    communes: bool = True,
    lang: Language = "fr",
    day: date | None = None,
    title: str = "",
    internal: bool = False,
    executor: Given = None,
    on_step: OnStep | None = None,
) -> str:
    """Make the page of a result: one file of HTML that needs no network.

    Parameters
    ----------
    zones : StoredResult
        A publication; an exact result if `internal`.
    boundaries : Boundaries or None
        Outlines, as from `boundaries_of`; None for those of the package, or cells around points.
    before : StoredResult or None
        An earlier result, whose changes of class are shown.
    communes : bool
        Whether the outlines of communes are in it, and not those of territories alone.
    lang : str
        ``fr`` or ``en``, the language in which it opens.
    day : date or None
        The day that it states; None for today.
    title : str
        Its title; empty for the usual one.
    internal : bool
        Whether the result is exact, which the page then says.
    executor : concurrent.futures.Executor or str, optional
        What computes the margins of an exact result, see `open_workers`; they are the same.
    on_step : callable, optional
        Is called with a description of each step that takes long.

    Returns
    -------
    str
        The same for the same arguments.

    Raises
    ------
    InputDataError
        The boundaries cannot be read, or do not match the communes.
    ExecutorError
        The executor cannot be used.
    """
    source = PageSource(
        zones=zones,
        boundaries=boundaries_of(zones) if boundaries is None else boundaries,
        before=before,
        day=day or date.today(),
        lang=lang,
        internal=internal,
        fictitious=is_fictitious(zones),
        title=title,
    )
    placed = source.boundaries.placed()
    numbers = territories_content(source)
    pieces = _pieces(numbers["units"])
    if placed.level == "territory":
        communes, placed = False, _by_communes(placed, numbers["units"]["territory"])
    elif not communes:
        placed = placed.coarser(pieces, *_COARSER)
    outlines, inner = placed.encode(pieces)
    meta: dict[str, Any] = {
        **meta_content(source),
        "insets": [plain_fields(one, "name", "codes", "box", "scale") for one in placed.insets],
    }
    meta["boundaries"] |= {"step": placed.step, "communes": communes}
    first = {"meta": meta, "territories": numbers, "outlines": outlines}
    announce("making the page", on_step)
    proposals = workbench_content(zones)
    figures = communes or proposals is not None
    rest: dict[str, Any] = {
        "communes": communes_content(source, figures=figures),
        "inner": inner if communes else None,
        "search": lookup_content(zones, read_search_names(former=communes)),
        "proposals": proposals,
        "national-figures": national_content(zones),
        **_of_exact_figures(zones, executor, on_step),
        "record": zones.record,
    }
    rest = {name: content for name, content in rest.items() if content is not None}
    return _assemble(source, first, rest)


def _of_exact_figures(
    zones: StoredResult, executor: Given, on_step: OnStep | None
) -> dict[str, Any]:
    """Return suppliers and margins, if the travel times of an exact result are in place."""
    network = None if zones.publication else locate_inputs(zones, on_step=on_step).network
    if network is None:
        return {}
    announce("computing the distances to other zones", on_step)
    return {
        "suppliers": supplies_content(zones, network),
        "margins": margins_content(zones, network, executor, on_step),
    }


def write_page(page: str, path: str | Path, *, replace: bool = False) -> None:
    """Write a page to a file, whole or not at all.

    Raises
    ------
    OutputError
        The path does not end in ``.html``, is taken, or cannot be written to.
    """
    write_text(page, path, PAGE_ENDINGS, replace=replace)


def _by_communes(territories: Boundaries, territory: Sequence[int]) -> Boundaries:
    """Return outlines of territories as those of one commune of each, by which the page goes."""
    of = np.array(territory, np.int64)
    _, one = np.unique(of, return_index=True)
    commune = np.append(one, -1).astype(np.int32)
    return replace(
        territories, frame=territories.frame[of], left=commune[territories.left],
        right=commune[territories.right],
    )  # fmt: skip


def _pieces(units: Mapping[str, list[int]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the number of the part of a territory in one departement that each commune is in."""
    pairs = np.array([units["territory"], units["departement"]], dtype=np.int64)
    pieces: np.ndarray[Any, np.dtype[np.int64]]
    _, pieces = np.unique(pairs, axis=1, return_inverse=True)
    return pieces.ravel()


def _assemble(source: PageSource, first: Mapping[str, Any], rest: Mapping[str, Any]) -> str:
    """Put blocks, modules and style into the frame."""
    lines, code = style(), script()
    policy = (
        f"default-src 'none'; script-src {_digest(code)}; style-src {_digest(lines)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    own = texts()[source.lang]
    meta = first["meta"]
    return Template(asset("page.html")).substitute(
        lang=source.lang,
        policy=policy,
        title=escape(meta["title"] if source.lang == "fr" else meta["title_en"]),
        style=lines,
        script=code,
        unsupported=own["common.unsupported"],
        noscript=own["common.noscript"],
        first=_blocks(first),
        rest=_blocks(rest),
    )


def _blocks(contents: Mapping[str, Any]) -> str:
    return "\n".join(
        _BLOCK.format(id=name, content=_packed(content)) for name, content in contents.items()
    )


def _packed(content: Any) -> str:
    """Return bytes, or values as JSON, compressed and in letters that mean nothing in HTML."""
    if not isinstance(content, bytes):
        content = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(packer.compress(content) + packer.flush()).decode()


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
