from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from apl_engine import AplError, Fault, load_methodology, read_result
from apl_engine.aids import load_aid_rules, read_contract, read_effect
from apl_engine.cli.aids_options import read_codes
from apl_engine.imports.run_file import read_run_file
from apl_engine.inputs.provenance import read_provenance
from apl_engine.regional import read_proposal
from apl_engine.small_files import other_kind, read_small_file


def provenance(path: Path) -> None:
    if isinstance(fault := read_provenance(path.parent), Fault):
        raise AplError(fault)


# Every reader of whole files, and the name that it reads.
READERS: list[tuple[Callable[[Path], object], str]] = [
    (load_methodology, "m.toml"),
    (load_aid_rules, "a.toml"),
    (read_contract, "c.toml"),
    (read_proposal, "p.toml"),
    (read_run_file, "run.toml"),
    (read_codes, "list.txt"),
    (lambda path: read_effect(path.parent, {}), "effect.toml"),
    (lambda path: read_result(path.parent), "record.json"),
    (provenance, "imports.json"),
]


@pytest.mark.parametrize(("read", "name"), READERS)
@pytest.mark.parametrize("kind", ["FIFO", "zeros", "too large", "deep"])
def test_no_reader_waits_or_reads_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    read: Callable[[Path], object], name: str, kind: str,
) -> None:  # fmt: skip
    path = tmp_path / name
    if kind == "FIFO":
        os.mkfifo(path)
    elif kind == "zeros":
        path.symlink_to("/dev/zero")
    elif kind == "too large":
        monkeypatch.setattr("apl_engine.small_files.LARGEST", 2)
        path.write_bytes(b"1\n\n")
    else:
        path.write_text("a = " + "[" * 100_000)
    if kind == "deep" and name == "list.txt":
        return
    with pytest.raises(AplError) as caught:
        read(path)
    assert len(caught.value.faults) == 1


def test_regular_files_and_folders(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    assert read_small_file(path) == b"content"
    assert (other_kind(path), other_kind(tmp_path)) == ("", "a folder")
    with pytest.raises(IsADirectoryError):
        read_small_file(tmp_path)
