"""What the card of a commune or a territory states beside its figures."""

from __future__ import annotations

from typing import Any

from ...method.result import Zoning
from ...methodology.values import COUNTRY
from ...results.lookup import region_names
from .. import french
from .aids import aids_content
from .reasons import zone_reasons

# Parameters whose articles are cited, by what they are about.
_CITED = {
    "apl": "apl.per_inhabitants", "classes": "zoning.classes", "margin": "regional.margin",
    "consultation": "regional.consultation",
}  # fmt: skip


def card_content(zones: Zoning) -> dict[str, Any]:
    """Return what the card of a place states beside its figures.

    Parameters
    ----------
    zones : Zoning
        A result.

    Returns
    -------
    dict
        ``per`` (inhabitants of an APL), ``minutes`` (beyond which no practice counts), ``national``
        (whether the result covers the regions of the text), ``reasons`` (see `zone_reasons`),
        ``aids`` (see `aids_content`), ``articles`` (of the text, by what they are about: ``apl``,
        ``classes``, ``margin``, ``consultation``), ``text`` (title of the order), ``hidden``
        (practitioners below which figures are hidden), ``step`` and ``commune_step`` (of which the
        APL of territories and communes are multiples) of a publication, or None. Plain values.
    """
    rules = zones.methodology
    articles = {entry.key: entry.article for entry in rules.parameters}
    expected = {row.region for row in rules.regional.published_shares} - {COUNTRY}
    publication = zones.publication
    return {
        "per": float(rules.apl.per_inhabitants),
        "minutes": float(rules.travel.steps[-1].to),
        "national": bool(expected) and expected <= region_names(zones).keys(),
        "reasons": zone_reasons(zones)[0],
        "aids": aids_content(zones),
        "articles": {
            about: citation.partition(" : ")[0]
            for about, key in _CITED.items()
            if (citation := french.citation(articles.get(key, "")))
        },
        "text": rules.title,
        "hidden": publication.min_practitioners if publication else None,
        "step": float(publication.steps["territory_apl"]) if publication else None,
        "commune_step": float(publication.steps["commune_apl"]) if publication else None,
    }


def reason_numbers(zones: Zoning) -> list[int]:
    """Return the number of the reason of each territory among those of `card_content`."""
    return zone_reasons(zones)[1]
