"""Small faithful files of every layout a publisher uses; each returns what is in it.

A writer takes the path of the file (or a folder, where a publisher gives several files), writes the
same bytes each time, and returns frames by name. Writers that know several containers go by the
suffix of the path: .csv, .csv.gz, .xlsx.
"""

from __future__ import annotations

from .ars_miniatures import write_ars_app, write_ars_frame, write_free_layout
from .drees_miniatures import write_bvcv, write_drees_2019, write_drees_2021, write_drees_years
from .insee_miniatures import (
    write_appartenance,
    write_appartenance_csv,
    write_distancier,
    write_distancier_peaks,
    write_legal_populations,
    write_metric,
    write_passage,
    write_passage_workbook,
    write_pop1b_long,
    write_pop1b_wide,
    write_wide_bands,
)
from .movements import write_movements

__all__ = [
    "write_appartenance",
    "write_appartenance_csv",
    "write_ars_app",
    "write_ars_frame",
    "write_bvcv",
    "write_distancier",
    "write_distancier_peaks",
    "write_drees_2019",
    "write_drees_2021",
    "write_drees_years",
    "write_free_layout",
    "write_legal_populations",
    "write_metric",
    "write_movements",
    "write_passage",
    "write_passage_workbook",
    "write_pop1b_long",
    "write_pop1b_wide",
    "write_wide_bands",
]
