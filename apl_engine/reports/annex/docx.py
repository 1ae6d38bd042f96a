"""An annex as a document."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import polars as pl
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt, RGBColor

from ...inputs.names import plain
from ..french import counted, day, number, percent, points
from .content import ACROSS, ADDED, REMOVED, Annex
from .docx_elements import (
    TEXT_WIDTH,
    add_bar,
    add_columns,
    add_page_numbers,
    add_table,
    document_bytes,
    new_document,
)

_SHADES = {ADDED: "FDE0C5", REMOVED: "DBE9F6"}
_BAR, _OVER = "E6550D", "A50F15"
_MAP_WIDE, _MAP_HIGH = 255, 162
_NONE = "Aucune."
_INDEX_COLUMNS = 3


def annex_document(annex: Annex, picture: bytes | None) -> bytes:
    """Return an annex as a .docx file.

    Parameters
    ----------
    annex : Annex
        As from `make_annex`.
    picture : bytes or None
        The map, a PNG.

    Returns
    -------
    bytes
        The same for the same annex.
    """
    document = new_document(annex.title, annex.heading, annex.stamped)
    add_page_numbers(document, f"Annexe – {annex.heading}")
    _cover(document, annex)
    (one, _), (two, elsewhere), (three, foreign) = annex.lists
    _part(document, one)
    _own(document, annex)
    _part(document, two)
    _across(document, elsewhere, "Classée par la région")
    _part(document, three, new_page=False)
    _across(document, foreign, "Région de la commune")
    _part(document, f"4. Carte des zones de la région {annex.heading}")
    if picture is None:
        document.add_paragraph("Carte non jointe.")
    else:
        # As large as the page is below the title.
        shape = document.add_picture(io.BytesIO(picture), height=Mm(_MAP_HIGH))
        if shape.width > Mm(_MAP_WIDE):
            shape.width, shape.height = Mm(_MAP_WIDE), Mm(_MAP_WIDE * shape.height / shape.width)
        document.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
    _part(document, f"5. Population de la région {annex.heading} par zone, et marges")
    _populations(document, annex)
    if annex.reasons:
        _part(document, "6. Justification des adaptations et consultation")
        _reasons(document, annex)
    _part(document, "7. Index alphabétique des communes")
    _index(document, annex)
    return document_bytes(document)


def _part(document: Any, title: str, *, new_page: bool = True) -> None:
    heading = document.add_heading(title, level=1)
    heading.paragraph_format.page_break_before = new_page
    heading.paragraph_format.keep_with_next = True


def _cover(document: Any, annex: Annex) -> None:
    document.add_paragraph("Annexe", style="Title")
    document.add_paragraph().add_run(annex.title).bold = True
    add_table(document, (), annex.cover, (85, TEXT_WIDTH - 85), size=9)
    for text in annex.warnings:
        run = document.add_paragraph().add_run(text)
        run.bold, run.font.color.rgb = True, RGBColor.from_string(_OVER)
    document.add_paragraph()
    for text in annex.summary:
        document.add_paragraph(text, style="List Bullet")


def _own(document: Any, annex: Annex) -> None:
    """Write a row for each territory, with the list of its communes."""
    grouped = annex.own.group_by(
        "Code du territoire", "Territoire", "Zone", "Adaptation", maintain_order=True
    ).agg("Code commune", "Commune", pl.col("Population").sum())
    rows, shades = [], []
    for row in grouped.iter_rows(named=True):
        communes = zip(row["Commune"], row["Code commune"], strict=True)
        listed = ", ".join(f"{name} ({code})" for name, code in communes)
        rows.append((row["Code du territoire"], row["Territoire"], row["Zone"],
                     row["Adaptation"], number(row["Population"]), listed))  # fmt: skip
        shades.append(_SHADES.get(row["Adaptation"]))
    heads = ("Code", "Territoire", "Zone", "Adaptation", "Population dans la région",
             "Communes (code)")  # fmt: skip
    _listed(document, heads, rows, (17, 45, 28, 21, 23), shades, right=(4,))


def _across(document: Any, table: pl.DataFrame, region: str) -> None:
    rows = [(*row[:-1], number(row[-1])) for row in table.select(ACROSS).iter_rows()]
    shades = [_SHADES.get(adaptation) for adaptation in table["Adaptation"]]
    heads = ("Code", "Commune", region, "Territoire", "Nom du territoire", "Zone", "Adaptation",
             "Population")  # fmt: skip
    _listed(document, heads, rows, (16, 55, 49, 19, 51, 29, 22), shades, right=(7,))


def _listed(
    document: Any, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float],
    shades: Sequence[str | None], right: Sequence[int],
) -> None:  # fmt: skip
    """Write a table; its last column takes the remaining width."""
    if not rows:
        document.add_paragraph(_NONE)
        return
    every = (*widths, TEXT_WIDTH - sum(widths))
    add_table(document, heads, rows, every, right=right, shades=shades)


def _populations(document: Any, annex: Annex) -> None:
    heads = ("Zone", "Habitants, classement national", "Part", "Habitants après adaptation",
             "Part après", "Écart")  # fmt: skip
    widths = (69, 45, 35, 45, 35)
    rows = [
        (label, number(before), percent(share), number(after), percent(share_after),
         points(difference))
        for label, before, share, after, share_after, difference in annex.shares
    ]  # fmt: skip
    add_table(document, heads, rows, (*widths, TEXT_WIDTH - sum(widths)),
              right=range(1, 6), size=9)  # fmt: skip
    note = document.add_paragraph()
    note.add_run(
        "La population d'un territoire compte en entier dans sa région d'attribution "
        "(annexe, IV, 4.3)."
    ).italic = True
    for gauge in annex.gauges:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.space_before = Pt(14)
        paragraph.paragraph_format.space_after = Pt(3)
        paragraph.add_run(gauge.label).bold = True
        paragraph.add_run(f" : {gauge.sentence}")
        add_bar(document, gauge.used, _BAR if gauge.used <= 1 else _OVER, 200)


def _reasons(document: Any, annex: Annex) -> None:
    heads = ("Code", "Territoire", "Adaptation", "Population", "Justification")
    rows = [
        (code, name, move, number(population), reason)
        for code, name, move, population, reason in (one.cells for one in annex.reasons)
    ]
    shades = [_SHADES[one.move] for one in annex.reasons]
    _listed(document, heads, rows, (19, 51, 23, 23), shades, right=(3,))
    added = sum(one.move == ADDED for one in annex.reasons)
    proposal = annex.check.proposal
    opinion = day(proposal.commission_paritaire_regionale)
    document.add_paragraph()
    for text in (
        f"{counted(added, 'territoire ajouté', 'territoires ajoutés')}, "
        f"{counted(len(annex.reasons) - added, 'retiré')}.",
        "Concertation prévue par l'article R. 1434-42 du code de la santé publique : "
        f"{day(proposal.concertation)}.",
        f"Avis de la commission paritaire régionale : {opinion}.",
    ):
        document.add_paragraph(text)


def _index(document: Any, annex: Annex) -> None:
    """Write the communes of all lists with their zone, by their first letter."""
    letters: dict[str, list[tuple[str, str]]] = {}
    for name, code, zone, *_ in annex.index.iter_rows():
        letter = plain(name)[:1].upper()
        letters.setdefault(letter, []).append((f"{name} ({code})", zone or "sans zone"))
    add_columns(document, letters, _INDEX_COLUMNS)
