"""Files of geodata: GeoJSON, GeoParquet and GeoPackage, as tables of shapes."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ...errors import Fault, InputDataError, missing_library
from ...inputs.names import plain
from ...quoting import reason_of
from ...small_files import other_kind

T = TypeVar("T")

TABLE = "boundaries"
_LFS = b"version https://git-lfs.github.com/"
_COMMUNES = ("commune", "communes", "territory", "territories", "territoire", "territoires")
# The cities whose arrondissements are a layer of their own in ADMIN EXPRESS.
_ARRONDISSEMENTS = "arrondissement_municipal"
_CITIES = ("13055", "69123", "75056")


def read_geodata(path: Path) -> list[Any]:
    """Read the shapes of a file, whatever the ending of its name.

    Parameters
    ----------
    path : Path
        The file; or ``FILE.gpkg/LAYER``.

    Returns
    -------
    list of geopandas.GeoDataFrame
        Its table; and, if there is such a layer, that of the arrondissements of Paris, Lyon and
        Marseille.

    Raises
    ------
    InputDataError
        A library is not installed; the file is missing, damaged or of another format, holds no
        shapes, or has several layers that may be meant.
    """
    if find_spec("geopandas") is None or find_spec("pyogrio") is None:
        details = missing_library("geopandas", "maps")
        raise InputDataError(Fault("boundaries.no_geopandas", TABLE, details=details))
    file, layer = _layer_in(path)
    kind = _kind_of(file)
    if kind == "Parquet":
        import geopandas

        return [_reading(file, lambda: geopandas.read_parquet(file))]
    return _layers(file, layer)


def _layer_in(path: Path) -> tuple[Path, str]:
    """Return a file, and the layer of it that a path names."""
    if not os.path.exists(path) and os.path.isfile(path.parent):
        return path.parent, path.name
    return path, ""


def _fault(kind: str, path: Path, **details: object) -> InputDataError:
    return InputDataError(
        Fault(f"boundaries.{kind}", TABLE, details={"file": path.name, **details})
    )


def _kind_of(path: Path) -> str:
    """Return the format of a file, by its first bytes."""
    try:
        other = other_kind(path)
        start = b"" if other else _start_of(path)
    except (OSError, ValueError) as error:
        # A path with a null character is a wrong value.
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise _fault("cannot_open", path, reason=reason) from error
    if other:
        raise _fault("not_a_file", path, what=other)
    if not start:
        raise _fault("empty_file", path)
    if start.startswith(b"PAR1"):
        return "Parquet"
    if start.startswith(b"SQLite format 3"):
        return "GeoPackage"
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return "GeoJSON"
    raise _fault("git_lfs" if start.startswith(_LFS) else "unsupported_format", path)


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)


def _reading(path: Path, read: Callable[[], T]) -> T:
    """Return what a library reads, or raise what it says as a fault."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read()
    except Exception as error:  # whatever one of the libraries raises
        # A Parquet file without geometry is refused as a value.
        raise _fault("unreadable", path, reason=reason_of(error)) from error


def _layers(path: Path, wanted: str) -> list[Any]:
    import geopandas
    import pyogrio

    file = path.resolve()
    listed = _reading(path, lambda: pyogrio.list_layers(file))
    shapes = [str(name) for name, kind in listed.tolist() if kind is not None]
    if wanted and wanted not in shapes:
        raise _fault("no_such_layer", path, layer=wanted, layers=tuple(shapes))
    if not shapes:
        raise _fault("no_shapes", path)
    chosen = [wanted] if wanted else shapes
    if len(chosen) > 1:
        chosen = [name for name in shapes if plain(name) in _COMMUNES]
    if len(chosen) != 1:
        raise _fault("several_layers", path, layers=tuple(shapes))
    if plain(chosen[0]) in ("commune", "communes"):
        chosen += [name for name in shapes if plain(name) == _ARRONDISSEMENTS]

    def read(layer: str) -> Any:
        frame = geopandas.read_file(file, layer=layer, engine="pyogrio")
        if not isinstance(frame, geopandas.GeoDataFrame):
            raise TypeError("no geometry")
        return frame

    return [_reading(path, lambda layer=layer: read(layer)) for layer in chosen]  # type: ignore[misc]


def without_cities(codes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return which codes are not those of Paris, Lyon and Marseille."""
    return ~np.isin(codes, _CITIES)
