"""A picture of the agreement of a result with the official classes, by region."""

from __future__ import annotations

from pathlib import Path

from ..comparison import OfficialComparison
from ..methodology.values import COUNTRY
from .page import Language
from .picture import INK, new_figure, save_figure
from .words import Words

_WIDTH, _ROW, _HEAD = 9.5, 0.27, 1.5
_GREY, _LIGHT = "#8a8a8a", "#e4e4e4"
_AGREES, _BEST = "#661a00", "#f4a259"


def draw_agreement(comparison: OfficialComparison, path: Path, lang: Language = "en") -> None:
    """Draw the share of inhabitants whose classes agree, by region.

    Parameters
    ----------
    comparison : OfficialComparison
        As from `compare_official`.
    path : Path
        A ``.svg`` or ``.png`` file. The same comparison gives the same bytes.
    lang : str
        ``en`` or ``fr``.

    Raises
    ------
    AplError
        Matplotlib is not installed.
    """
    words = Words("pictures", lang)
    rows = comparison.agreement.to_dicts()
    regions = sorted(
        (row for row in rows if row["region"] != COUNTRY), key=lambda r: r["population_agreeing"]
    )
    shown = [*(row for row in rows if row["region"] == COUNTRY), *regions]
    height = _HEAD + _ROW * len(shown)
    figure = new_figure(_WIDTH, height)
    axes = figure.add_axes((0.3, 0.55 / height, 0.66, (height - _HEAD) / height))
    at = range(len(shown))
    agreeing = [row["population_agreeing"] for row in shown]
    best = [row["population_best_adaptation"] or row["population_agreeing"] for row in shown]
    axes.barh(at, agreeing, color=_AGREES, height=0.62, label=words.text("agrees"))
    more = [up - low for up, low in zip(best, agreeing, strict=True)]
    if any(more):
        axes.barh(at, more, left=agreeing, color=_BEST, height=0.62,
                  label=words.text("adapted"))  # fmt: skip
    for k in at:
        text = words.number(agreeing[k], 1)
        if more[k]:
            text += f" ({words.number(best[k], 1)})"
        axes.text(min(best[k] + 1, 101), k, text, va="center", fontsize=8, color=INK)
    axes.set_yticks(at, [f"{row['region_name']}  {words.number(row['population'])}"
                         for row in shown], fontsize=8.5)  # fmt: skip
    axes.set_xlim(0, 118)
    axes.set_ylim(-0.6, len(shown) - 0.4)
    axes.set_xticks(range(0, 101, 20))
    axes.tick_params(length=0, labelsize=8, colors=INK)
    axes.set_xlabel(words.text("inhabitants"), fontsize=8.5, color=INK)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color=_LIGHT)
    axes.axhline(0.5, color=_GREY, lw=0.8)
    for side in axes.spines.values():
        side.set_visible(False)
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper left", ncols=2, frameon=False, fontsize=8.5,
                  bbox_to_anchor=(0.28, 1 - 0.42 / height))  # fmt: skip
    figure.text(0.02, 1 - 0.3 / height, words.text("agreement"),
                fontsize=12, weight="bold", color=INK)  # fmt: skip
    save_figure(figure, path)
