"""Who may read what is written: as the umask and the folder say, and no more than before."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.networks import small_network
from support.tables import frames, methodology, small_world

from apl_engine import run, write_result
from apl_engine.imports import import_files
from apl_engine.networks import save_network
from apl_engine.reports.inputs import write_inputs
from apl_engine.results.tables import TableFormats

RULES = methodology()
RESULT = run(frames(small_world()), RULES)
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")


@pytest.fixture(params=[0o022, 0o027, 0o077, 0o002])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    earlier = os.umask(request.param)
    yield request.param
    os.umask(earlier)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: mode(path) for path in (folder, *folder.iterdir())}


def imported(folder: Path, **options: bool) -> Path:
    """Write tables of practitioners."""
    services = folder.with_name("services.csv")
    people = folder.with_name("register.csv")
    services.write_text(
        "practitioner_id;commune;month;age;acts;fees\np1;01001;202203;34;2;32,26\n"
        "p1;01001;202204;70;3;50,00\n"
    )
    people.write_text("practitioner_id;birth_date;installation_date\np1;1980-05-01;2010-01-01\n")
    made = import_files("activity", [services], RULES, register=people)
    write_inputs(made, folder, **options)
    return folder


def test_results_are_as_the_umask_says(tmp_path: Path, umask: int) -> None:
    folder = tmp_path / "out"
    write_result(RESULT, folder, formats=TableFormats(csv="plain", xlsx=True))
    found = modes(folder)
    assert found.pop("out") == 0o777 & ~umask
    assert set(found.values()) == {0o666 & ~umask}
    assert {"record.json", "communes.csv", "communes.xlsx", "communes.parquet"} <= found.keys()
    assert os.umask(umask) == umask


def test_inputs_and_networks_are_as_the_umask_says(tmp_path: Path, umask: int) -> None:
    found = modes(imported(tmp_path / "in"))
    assert found.pop("in") == 0o777 & ~umask
    assert {"practitioners.parquet", "imports.json"} <= found.keys()
    assert set(found.values()) == {0o666 & ~umask}
    save_network(small_network(), tmp_path / "n.aplnet")
    assert mode(tmp_path / "n.aplnet") == 0o666 & ~umask


def test_drafts_are_their_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from apl_engine.results import switch

    seen = []
    real = switch._sync_all
    monkeypatch.setattr(switch, "_sync_all", lambda draft: (seen.append(draft), real(draft)))
    imported(tmp_path / "in")
    monkeypatch.undo()
    assert {path.parent.parent for path in seen} == {tmp_path / "in"}
    with switch.drafts_in(tmp_path) as drafts:
        assert mode(drafts) == 0o700


def test_a_folder_gives_its_group_to_what_is_written_there(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    groups = [group for group in os.getgroups() if group != os.getgid()]
    other = 12345 if os.geteuid() == 0 else next(iter(groups), None)
    if other is None:
        pytest.skip("this user has one group alone")
    os.chown(shared, -1, other)
    shared.chmod(0o2770)
    for _ in range(2):
        write_result(RESULT, shared / "out", replace=True)
        imported(shared / "in", replace=True)
        save_network(small_network(), shared / "n.aplnet", replace=True)
        for path in [*shared.rglob("*.parquet"), *shared.rglob("*.json"), shared / "n.aplnet"]:
            assert path.stat().st_gid == other, path
        for folder in (shared / "out", shared / "in"):
            assert folder.stat().st_gid == other
            assert mode(folder) & stat.S_ISGID


def test_what_was_restricted_stays_so(tmp_path: Path) -> None:
    out, network = tmp_path / "out", tmp_path / "n.aplnet"
    prepared = small_network()
    write_result(RESULT, out)
    table = imported(tmp_path / "in") / "practitioners.parquet"
    save_network(prepared, network)
    out.chmod(0o700)
    table.chmod(0o600)
    network.chmod(0o640)
    write_result(RESULT, out, replace=True)
    imported(tmp_path / "in", replace=True)
    save_network(prepared, network, replace=True)
    assert (mode(out), mode(table), mode(network)) == (0o700, 0o600, 0o640)
