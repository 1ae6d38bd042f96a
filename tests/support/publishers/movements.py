"""A small `v_mvt_commune`: INSEE's list of what became of communes, with every kind of event.

Events and codes follow real ones where one is known (Valserhône, Essarts en Bocage); most are
made up so that each kind stands alone.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from .writing import Cell, write_rows

COLUMNS = (
    "MOD", "DATE_EFF", "TYPECOM_AV", "COM_AV", "TNCC_AV", "NCC_AV", "NCCENR_AV", "LIBELLE_AV",
    "TYPECOM_AP", "COM_AP", "TNCC_AP", "NCC_AP", "NCCENR_AP", "LIBELLE_AP",
)  # fmt: skip

# MOD, date, type and code before, type and code after.
EVENTS = (
    # Undone: Essarts en Bocage gives back two of the communes that merged into it.
    ("21", "2024-01-01", "COM", "85084", "COM", "85084"),
    ("21", "2024-01-01", "COM", "85084", "COM", "85165"),
    ("21", "2024-01-01", "COM", "85084", "COM", "85212"),
    ("21", "2024-01-01", "COMD", "85165", "COM", "85165"),
    ("21", "2024-01-01", "COMD", "85212", "COM", "85212"),
    # The seat moves: two communes swap their codes on one day.
    ("50", "2021-01-01", "COM", "08301", "COM", "08302"),
    ("50", "2021-01-01", "COM", "08302", "COM", "08301"),
    # The second link of a chain.
    ("32", "2019-01-01", "COM", "61211", "COM", "61300"),
    ("32", "2019-01-01", "COM", "61300", "COM", "61300"),
    ("32", "2019-01-01", "COM", "61211", "COMD", "61211"),
    ("32", "2019-01-01", "COM", "61300", "COMD", "61300"),
    # A new commune that keeps the code of one of its own: a row to itself.
    ("32", "2019-01-01", "COM", "01033", "COM", "01033"),
    ("32", "2019-01-01", "COM", "01091", "COM", "01033"),
    ("32", "2019-01-01", "COM", "01205", "COM", "01033"),
    ("32", "2019-01-01", "COM", "01033", "COMD", "01033"),
    ("32", "2019-01-01", "COM", "01091", "COMD", "01091"),
    ("32", "2019-01-01", "COM", "01205", "COMD", "01205"),
    # To another departement.
    ("41", "2018-01-01", "COM", "49144", "COM", "44225"),
    # An associated commune becomes a delegated one: no commune moves.
    ("70", "2018-01-01", "COMA", "35062", "COMD", "35062"),
    # A simple merger.
    ("31", "2017-01-01", "COM", "89344", "COM", "89334"),
    ("31", "2017-01-01", "COM", "89334", "COM", "89334"),
    # The merger that is undone in 2024, and the first link of the chain.
    ("32", "2016-01-01", "COM", "85084", "COM", "85084"),
    ("32", "2016-01-01", "COM", "85030", "COM", "85084"),
    ("32", "2016-01-01", "COM", "85165", "COM", "85084"),
    ("32", "2016-01-01", "COM", "85212", "COM", "85084"),
    ("32", "2016-01-01", "COM", "85165", "COMD", "85165"),
    ("32", "2016-01-01", "COM", "85212", "COMD", "85212"),
    ("32", "2016-01-01", "COM", "61153", "COM", "61211"),
    ("32", "2016-01-01", "COM", "61211", "COM", "61211"),
    # A name alone.
    ("10", "2015-06-01", "COM", "07001", "COM", "07001"),
    # Created out of another.
    ("20", "2013-01-01", "COM", "27701", "COM", "27701"),
    ("20", "2013-01-01", "COM", "27701", "COM", "27702"),
    # An association of communes becomes a simple merger: the commune was gone before.
    ("34", "2012-01-01", "COMA", "59355", "COM", "59350"),
    ("34", "2012-01-01", "COM", "59350", "COM", "59350"),
    # Taken apart between its neighbours, long ago.
    ("30", "1973-01-01", "COM", "88999", "COM", "88001"),
    ("30", "1973-01-01", "COM", "88999", "COM", "88002"),
    # Merged with association.
    ("33", "1972-01-01", "COM", "35062", "COM", "35360"),
    ("33", "1972-01-01", "COM", "35360", "COM", "35360"),
    ("33", "1972-01-01", "COM", "35062", "COMA", "35062"),
)  # fmt: skip

BECAME = {
    "01033": ("01033",), "01091": ("01033",), "01205": ("01033",),
    "07001": ("07001",),
    "08301": ("08302",), "08302": ("08301",),
    "27701": ("27701",),
    "49144": ("44225",),
    "61153": ("61300",), "61211": ("61300",), "61300": ("61300",),
    "85030": ("85084", "85165", "85212"), "85084": ("85084", "85165", "85212"),
    "85165": ("85084", "85165", "85212"), "85212": ("85084", "85165", "85212"),
    "89344": ("89334",), "89334": ("89334",),
}  # fmt: skip
"""What communes of 1 January 2015 may be on 1 January 2024, by the letter of the list.

The merger undone in 2024 sends all that entered it to all that left it: the list says no more.
"""


def write_movements(path: Path, *, dates: str = "iso") -> dict[str, pl.DataFrame]:
    """Write the list: commas, UTF-8, newest first; `dates` "iso" or, as in an old copy, "dd/mm/yy".

    Returns
    -------
    dict : movements (MOD, DATE_EFF as a date, TYPECOM_AV, COM_AV, TYPECOM_AP, COM_AP); became
        (before, after): codes of 2015 and of 2024.
    """
    rows: list[list[Cell]] = [list(COLUMNS)]
    for kind, day, type_before, before, type_after, after in EVENTS:
        shown = day if dates == "iso" else date.fromisoformat(day).strftime("%d/%m/%y")
        new = "2" if kind == "10" else ""
        rows.append(
            [kind, shown, type_before, before, "0", f"COMMUNE {before}", f"Commune {before}",
             f"Commune {before}", type_after, after, "0", f"COMMUNE {after}{new}",
             f"Commune {after}{new}", f"Commune {after}{new}"]
        )  # fmt: skip
    write_rows(path, rows, separator=",", end="\n")
    names = ["MOD", "DATE_EFF", "TYPECOM_AV", "COM_AV", "TYPECOM_AP", "COM_AP"]
    movements = pl.DataFrame(EVENTS, schema=names, orient="row")
    became = [(before, after) for before, all_after in BECAME.items() for after in all_after]
    return {
        "movements": movements.with_columns(pl.col("DATE_EFF").str.to_date()),
        "became": pl.DataFrame(became, schema=["before", "after"], orient="row"),
    }
