"""Age bands without a gap, and no shares in place of numbers of people."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.insee import write_long
from support.sheets import fault_of
from support.tables import methodology
from support.workbooks import write_rows

from apl_engine.readers.insee.population import read_population

RULES = methodology()


@pytest.mark.parametrize(
    ("header", "kind", "details"),
    [
        (["00-04", "5-sept", "10+"], "gap_in_bands", {"first": 5, "last": 9}),
        (["05-09", "10+", "x"], "gap_in_bands", {"first": 0, "last": 4}),
        (["00-04", "05-09", "10-14"], "no_open_band", {"first": 15}),
        (["00-04", "00-09", "10+"], "overlapping_band", {"band": "00-09"}),
        (["00-04 (%)", "05-09 (%)", "10+ (%)"], "columns_of_shares",
         {"columns": ("00-04 (%)", "05-09 (%)", "10+ (%)")}),
    ],
)  # fmt: skip
def test_bands_that_are_missing_or_shares(
    tmp_path: Path, header: list[str], kind: str, details: dict[str, object]
) -> None:
    path = write_rows(tmp_path / "b.csv", [["CODGEO", *header], ["01001", 3, 5, 4]])
    fault = fault_of(lambda: read_population([path], RULES))
    assert (fault.code, fault.details) == (f"insee.{kind}", details)


@pytest.mark.parametrize("whole", [1, 100])
def test_shares_of_the_people_of_a_commune_are_refused(tmp_path: Path, whole: float) -> None:
    rows = [[code, 0.0312 * whole, 0.9688 * whole] for code in ("01001", "01002", "01003")]
    path = write_rows(tmp_path / "b.csv", [["CODGEO", "00-04", "05+"], *rows])
    fault = fault_of(lambda: read_population([path], RULES))
    assert (fault.code, fault.details) == ("insee.sums_of_shares", {"communes": 3, "sum": whole})


def test_rounded_shares_are_refused(tmp_path: Path) -> None:
    rows = [[f"010{n:02d}", 31 + n % 3, 68] for n in range(1, 25)]
    path = write_rows(tmp_path / "b.csv", [["CODGEO", "0-4", "5 ans ou plus"], *rows])
    fault = fault_of(lambda: read_population([path], RULES))
    assert (fault.code, fault.details) == ("insee.sums_of_shares", {"communes": 24, "sum": 100})
    few = write_rows(tmp_path / "few.csv", [["CODGEO", "0-4", "5 ans ou plus"], *rows[:5]])
    assert read_population([few], RULES).tables["population"].height == 10


def test_a_commune_without_a_band_or_a_sex_is_warned_of(tmp_path: Path) -> None:
    rows = [["commune", "age", "pop"], ["01001", "00-04", 5], ["01001", "5 et +", 5]]
    path = write_rows(tmp_path / "b.csv", [*rows, ["01002", "00-04", 5]])
    (note,) = read_population([path], RULES).notes
    assert (note.code, note.examples) == ("insee.incomplete_bands", ("01002",))
    assert note.warning
    path = write_long(tmp_path / "l.csv", ["01001", "01002"])
    lines = path.read_text().splitlines()
    path.write_text("".join(f"{line}\n" for line in lines if not line.startswith("COM;01002;A;2;")))
    notes = {note.code: note for note in read_population([path], RULES).notes}
    assert notes["insee.one_sex"].warning
    assert notes["insee.one_sex"].examples == ("01002",)
    assert notes["insee.incomplete_ages"].examples == ("01002",)
