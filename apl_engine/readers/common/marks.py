"""Whether the mark in numbers of a column parts decimals or thousands."""

from __future__ import annotations

import polars as pl

#: 1,234 and 12.345.678, but not 0.123, 1234.567 or 12.5
THOUSANDS = r"^\s*[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+\s*$"
MARK = r"[.,]"
WORDS = "marks with three digits behind them each time, beside whole numbers: is it 1 234 or 1.234?"
HINT = "Write thousands without a mark (1234), or decimals with another number of digits (1.2340)."


def may_part_thousands(values: pl.Series) -> bool | None:
    """Tell by some values of a column whether its marks may part thousands.

    Parameters
    ----------
    values : the numbers as text.

    Returns
    -------
    bool | None
        False where a number shows that they do not, None where no number has a mark.
    """
    marked = values.filter(values.str.contains(MARK))
    return bool(marked.str.contains(THOUSANDS).all()) if len(marked) else None


def parts_thousands(rows: pl.LazyFrame, text: pl.Expr) -> bool:
    """Tell by all values whether the marks of a column part thousands, as far as can be told.

    Stops at the first number that shows the contrary: the whole is read where there is none.

    Parameters
    ----------
    rows : the rows.
    text : the numbers as text.

    Returns
    -------
    bool
        Whether some numbers have a mark, each followed by three digits, and others have none.
    """
    numbers = rows.select(number=text).filter(pl.col("number").str.contains(r"\d"))
    marked = pl.col("number").str.contains(MARK)
    like = pl.col("number").str.contains(THOUSANDS)
    return (
        _any(numbers.filter(marked))
        and not _any(numbers.filter(marked & ~like))
        and _any(numbers.filter(~marked))
    )


def _any(rows: pl.LazyFrame) -> bool:
    return rows.head(1).collect(engine="streaming").height > 0
