"""A figure that is drawn on in inches, what is drawn later over what was before."""

from __future__ import annotations

import io
import textwrap
import warnings
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import Stroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, Transform, TransformedBbox

from .labels import Rectangle as Box
from .labels import text_size
from .layout import Window

ENDINGS = (".png", ".svg", ".pdf")
PIXELS_PER_INCH = 160
_RC: Any = {
    "svg.hashsalt": "apl", "svg.fonttype": "none", "pdf.fonttype": 3, "hatch.linewidth": 1.1,
    "path.simplify": False,
}  # fmt: skip
_NO_DATE: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_HALO = 2.2


class Canvas:
    """A figure that is drawn on in inches.

    Nothing is added to axes: these would measure every path.

    Parameters
    ----------
    size : tuple of float
        Width and height, inches.
    """

    def __init__(self, size: tuple[float, float]) -> None:
        self.size = size
        self._figure = Figure(figsize=size, facecolor="white")
        FigureCanvasAgg(self._figure)
        self._inches: Transform = self._figure.dpi_scale_trans
        self._drawn = 0

    def save(self, ending: str, title: str) -> bytes:
        """Return the picture, with fixed ids and no date: one of `ENDINGS`."""
        content = io.BytesIO()
        metadata = {**_NO_DATE[ending], **({"Title": title} if title else {})}
        with mpl.rc_context(_RC), warnings.catch_warnings():
            # A name in a script that the font lacks is shown as boxes.
            warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
            self._figure.savefig(content, format=ending[1:], dpi=PIXELS_PER_INCH, metadata=metadata)
        return content.getvalue()

    def path(self, path: Path | None, window: Window, **style: Any) -> None:
        """Draw a path of the plane of a window, cut to its place; nothing if it is None."""
        if path is None:
            return
        left, bottom, _, _ = window.box
        transform = (
            Affine2D().translate(-left, -bottom).scale(window.scale)
            .translate(*window.place[:2]) + self._inches
        )  # fmt: skip
        patch = PathPatch(path, transform=transform, **style)
        self._add(patch)
        x, y, right, top = window.place
        patch.set_clip_box(TransformedBbox(Bbox.from_extents(x, y, right, top), self._inches))

    def rectangle(self, place: Box, **style: Any) -> None:
        """Draw a rectangle."""
        left, bottom, right, top = place
        size = right - left, top - bottom
        self._add(Rectangle((left, bottom), *size, transform=self._inches, **style))

    def line(self, x: list[float], y: list[float], **style: Any) -> None:
        """Draw a line, or a mark."""
        self._add(Line2D(x, y, transform=self._inches, **style))

    def text(
        self, x: float, y: float, text: str, size: float, *, halo: bool = False, **style: Any
    ) -> None:
        """Write a text as text; with a halo, which is a shape, so that it reads over any fill."""
        common = {**style, "fontsize": size, "parse_math": False, "transform": self._inches}
        if halo:
            stroke = Stroke(linewidth=_HALO, foreground="white", alpha=0.9)
            self._add(Text(x, y, text, path_effects=[stroke], **common))
        self._add(Text(x, y, text, **common))

    def _add(self, artist: Any) -> None:
        artist.set_zorder(self._drawn)
        self._drawn += 1
        self._figure.add_artist(artist)


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Return the lines of a text that fit into a width, inches."""
    if not text:
        return []
    needed = text_size(text, size, bold=bold)[0]
    if needed <= width:
        return [text]
    letters = max(8, int(len(text) * width / needed * 0.97))
    return textwrap.wrap(text, letters, break_on_hyphens=False)
