"""The map of an annex."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from matplotlib.image import imread
from support.annexes import HELD
from support.tables import SAMPLES

from apl_engine import InputDataError, read_result, run, write_result
from apl_engine.regional import propose
from apl_engine.reports.annex import annex_map, make_annex

pytestmark = pytest.mark.slow


def test_the_colours_of_a_map(tmp_path: Path) -> None:
    write_result(run(SAMPLES / "pays-de-la-loire"), tmp_path / "out")
    sample = read_result(tmp_path / "out")
    made = propose(sample, "52", justification="x", concertation=HELD,
                   commission_paritaire_regionale=HELD)  # fmt: skip
    found = make_annex(sample, "52", made.proposal)
    png = annex_map(sample, found)
    assert png == annex_map(sample, found)
    shown = (imread(io.BytesIO(png))[:, :, :3] * 255).round().astype(int)
    colours = {tuple(int(part) for part in pixel) for pixel in shown.reshape(-1, 3)}
    assert {(0x8C, 0x2D, 0x04), (0xE6, 0x55, 0x0D), (0xE4, 0xE4, 0xE4), (0, 0, 0)} <= colours
    digest = dict(found.identity)["Empreinte SHA-256 du résultat national"]
    assert digest == sample.record["sha256"]
    points = tmp_path / "points.csv"
    points.write_text("commune,lat,lon\n75101,48.8,2.3\n75102,48.81,2.31\n")
    with pytest.raises(InputDataError) as caught:
        annex_map(sample, found, points)
    (fault,) = caught.value.faults
    assert (fault.code, fault.details) == ("annex.no_points_of_region", {"region": "52"})
