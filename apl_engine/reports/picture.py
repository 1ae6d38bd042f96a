"""Pictures drawn without a window: the same figure gives the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..results.libraries import require_libraries

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, PAPER = "#222222", "#ffffff"
_PIXELS_PER_INCH = 150


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches.

    Raises
    ------
    AplError
        Matplotlib is not installed.
    """
    require_libraries("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor=PAPER)
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as ``.svg`` or ``.png``, with fixed ids and no date."""
    import matplotlib as mpl

    options: dict[str, Any] = {"metadata": {"Date": None}} if path.suffix == ".svg" else {}
    with mpl.rc_context({"svg.hashsalt": "apl", "svg.fonttype": "none"}):
        figure.savefig(path, dpi=_PIXELS_PER_INCH, facecolor=PAPER, **options)
