"""Names as people spell them: of columns, and of communes in two tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import polars as pl

from ..errors import Fault, Note
from ..quoting import HIDDEN, is_cell
from ..schemas import COMMUNE_CODE

# Some 6 communes in 10 000 are renamed in two years; a column shifted by a row renames all.
_RENAMED, _SORTED_APART, _FEW_NAMES = 0.05, 0.5, 5
# Of data, not of names: codes and numbers.
_DATA = re.compile(r"(?:\d[\dAB]\d{3}|-?\d+(?:[.,]\d+)?)")
_ARTICLES = ("le", "la", "les", "l")
_SHORT = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "s": "sur"}
_LIGATURES = str.maketrans({"Œ": "OE", "œ": "oe", "Æ": "AE", "æ": "ae", "+": " plus"})
# Dashes and quotation marks of word processors, which separate words as those of ASCII do.
_MARKS = re.compile("[\u2010-\u2015\u2212\u2018-\u201f\u00ab\u00bb]")


def plain(name: str) -> str:
    """Return a name in lower case, without accents, its words joined by ``_``."""
    text = _MARKS.sub(" ", unicodedata.normalize("NFKD", name.translate(_LIGATURES)))
    text = text.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", text).strip("_")


def spelled_out(name: str) -> str:
    """Return a name as `plain`, with « st » and the like in full."""
    return "_".join(_SHORT.get(word, word) for word in plain(name).split("_"))


def folded(name: str) -> str:
    """Return a name as `spelled_out`, without articles."""
    return "_".join(word for word in spelled_out(name).split("_") if word not in _ARTICLES)


def is_data(header: Iterable[str]) -> bool:
    """Return whether a first row is of data, as in a file without a header.

    Parameters
    ----------
    header : iterable of str
        Its cells, none of which is the name of a column.
    """
    return any(re.fullmatch(_DATA, name.strip()) or is_cell(name) for name in header)


def shown_header(header: Iterable[str]) -> tuple[str, ...]:
    """Return the names of columns that a message may show.

    Parameters
    ----------
    header : iterable of str
        The first cells of a file.

    Returns
    -------
    tuple of str
        All of them that are not blank; only that they are not shown if they are a row of data,
        which may be about a person.
    """
    names = tuple(name.strip() for name in header if name.strip())
    return (HIDDEN,) if is_data(names) else names


def compare_names(
    published: pl.DataFrame, communes: pl.DataFrame
) -> tuple[list[Fault], list[Note]]:
    """Compare the names of a published APL with those of a mesh.

    A column that was sorted alone gives each APL to another commune.

    Parameters
    ----------
    published, communes : pl.DataFrame
        With ``commune`` and, to be compared, ``name``.

    Returns
    -------
    list of Fault, list of Note
    """
    if not ("name" in published.columns and "name" in communes.columns):
        return [], []
    names = communes.select(pl.col("commune").cast(pl.String), mesh_name="name")
    both = published.select("commune", "name").join(names, on="commune").drop_nulls()
    # A commune without a name has the code of the file's year in its place.
    both = both.filter(~pl.col("name").str.contains(COMMUNE_CODE)).sort("commune")
    unlike = both.filter(pl.col("name") != pl.col("mesh_name"))
    unequal = [folded(one) != folded(two) for _, one, two in unlike.iter_rows()]
    unlike = unlike.filter(pl.Series(unequal, dtype=pl.Boolean))
    within = _sorted_apart_within(unlike, both)
    if unlike.height < max(_FEW_NAMES, _RENAMED * both.height) and not within:
        return [], []
    shown = tuple(f"{code} {one} ({two} in the mesh)" for code, one, two in unlike.head(5).rows())
    differing, compared = unlike.height, both.height
    if differing > _SORTED_APART * compared or within:
        details: dict[str, object] = {"differing": differing, "compared": compared}
        code = "published_apl.names_sorted_apart"
        fault = Fault(code, "published", column="name", values=shown[:3], details=details)
        return [fault], []
    details = {"compared": compared}
    return [], [Note("published_apl.names_differ", differing, shown, warning=True, details=details)]


def _sorted_apart_within(unlike: pl.DataFrame, both: pl.DataFrame) -> bool:
    """Return whether most names of some département differ, as if only its rows were sorted."""
    by = pl.col("commune").str.head(2)
    there = both.group_by(by).len("all")
    apart = unlike.group_by(by).len("apart").join(there, on="commune")
    return bool(
        apart.select(
            (
                (pl.col("apart") >= _FEW_NAMES) & (pl.col("apart") > _SORTED_APART * pl.col("all"))
            ).any()
        ).item()
    )
