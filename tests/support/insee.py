"""Small files of INSEE for tests: table d'appartenance and inhabitants by age."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .workbooks import Cell, write_rows, write_workbook

HEADER = ["CODGEO", "LIBGEO", "DEP", "REG", "ARR", "CV", "ZE2020", "UU2020", "BV2022"]
COMMUNES = [
    ["01001", "L'Abergement", "01", "84", "012", "0108", "8401", "01000", "01093"],
    ["13055", "Marseille", "13", "93", "133", "1398", "9301", "00759", "13055"],
]
WIDE_HEADER = ["CODGEO", *(f"SEXE{s}_AGED100{a:03d}" for s in (1, 2) for a in range(101))]
LONG_HEADER = ["NIVGEO", "CODGEO", "LIBGEO", "SEXE", "AGED100", "NB"]


def inhabitants(code: str) -> dict[tuple[int, int], float]:
    """Return inhabitants by sex and age; each cell another figure, with decimals."""
    shift = int(code[-2:])
    return {(sex, age): sex + age / 8 + shift for sex in (1, 2) for age in range(101)}


def inhabitants_of_ages(code: str, low: int, high: int) -> float:
    return sum(n for (_, age), n in inhabitants(code).items() if low <= age <= high)


def write_wide(path: Path, codes: Sequence[str]) -> Path:
    """Write the workbook POP1B, one column per sex and year of age."""
    rows: list[list[Cell]] = [["POP1B"], ["Géographie au 01/01/2022"], *[[None]] * 8]
    rows += [[*WIDE_HEADER], *([code, *inhabitants(code).values()] for code in codes)]
    return write_workbook(path, {"COM": rows})


def write_long(path: Path, codes: Sequence[str], level: str = "COM") -> Path:
    """Write the CSV file POP1B, one row per commune, sex and year of age."""
    rows = [
        [level, code, "A", sex, f"{age:03d}", n]
        for code in codes
        for (sex, age), n in inhabitants(code).items()
    ]
    return write_rows(path, [LONG_HEADER, *rows])


def bands_of(*codes: str, people: Cell = 4.5) -> list[list[Cell]]:
    """Return the rows of a table of two age bands."""
    return [["CODGEO", "00-04", "05+"], *([code, 3, people] for code in codes)]
