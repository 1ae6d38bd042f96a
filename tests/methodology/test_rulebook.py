"""What every rulebook shares: its files, what they extend, and the citation of each value."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.rulebooks import keyed, load_text, refused

from apl_engine import InputDataError, MethodologyError, list_methodologies, load_methodology

HEAD = 'id = "own"\nextends = "mk-2024"\n'
AGE_LIMIT = "[etp.age_limit]\nvalue = 66\n"


def test_an_unknown_id() -> None:
    with pytest.raises(MethodologyError) as caught:
        load_methodology("mk-1999")
    (fault,) = caught.value.faults
    assert (fault.code, fault.table) == ("rulebook.unknown_id", "mk-1999")
    assert fault.details["ids"] == tuple(list_methodologies())


@pytest.mark.parametrize("name", [None, 3, {}])
def test_neither_an_id_nor_a_path(name: object) -> None:
    with pytest.raises(InputDataError) as caught:
        load_methodology(name)  # type: ignore[arg-type]
    assert keyed(caught.value.faults) == [("argument.wrong_type", None)]


def test_a_file_that_does_not_exist() -> None:
    with pytest.raises(MethodologyError) as caught:
        load_methodology("nowhere.toml")
    (fault,) = caught.value.faults
    assert (fault.code, fault.table) == ("rulebook.no_such_file", "nowhere.toml")


def test_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert load_text(load_methodology, tmp_path, "\ufeff" + HEAD).id == "own"


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        ("id = ", "rulebook.unreadable", None),
        (HEAD + "x = " + "[" * 3000, "rulebook.unreadable", None),
        ('extends = "mk-2024"\n', "rulebook.missing", "id"),
        (HEAD + "colour = 1\n", "rulebook.unknown_key", "colour"),
        (HEAD + 'sources = "x"\n', "rulebook.not_a_table", "sources"),
        (HEAD + "[sources]\nlaw = 3\n", "rulebook.not_a_source", "sources.law"),
        (HEAD + "[sources.law]\n", "rulebook.not_a_source", "sources.law"),
        (HEAD + AGE_LIMIT, "rulebook.uncited", "etp.age_limit"),
        (HEAD + AGE_LIMIT + "reason = '  '\n", "rulebook.uncited", "etp.age_limit"),
        (HEAD + AGE_LIMIT + "reason = 3\n", "rulebook.not_a_text", "etp.age_limit.reason"),
        (
            HEAD + AGE_LIMIT + "reason = 'x'\nwhy = 'x'\n",
            "rulebook.unknown_key",
            "etp.age_limit.why",
        ),
        (
            HEAD + AGE_LIMIT + "source = 'law'\narticle = '1'\n",
            "rulebook.unknown_source",
            "etp.age_limit",
        ),
        (
            HEAD + AGE_LIMIT + "silent = true\nsource = 'arrete-2024'\narticle = '1'",
            "rulebook.silent_without_reason",
            "etp.age_limit",
        ),
        (
            HEAD + AGE_LIMIT + "silent = 1\nreason = 'x'",
            "rulebook.silent_without_reason",
            "etp.age_limit",
        ),
        ('id = "own"\nextends = 3\n', "rulebook.not_an_id", "extends"),
        ('id = "own"\nextends = ["mk-2024"]\n', "rulebook.not_an_id", "extends"),
        ('id = "own"\nextends = "mk-1999"\n', "rulebook.unknown_id", "extends"),
        ('id = "own"\nextends = "nowhere.toml"\n', "rulebook.no_such_file", "extends"),
        ('id = "own"\nextends = "own.toml"\n', "rulebook.extends_itself", "extends"),
    ],
)
def test_malformed_files(tmp_path: Path, text: str, code: str, key: str | None) -> None:
    assert keyed(refused(load_methodology, tmp_path, text)) == [(code, key)]


def test_only_a_value_that_replaces_another_may_do_with_a_reason(tmp_path: Path) -> None:
    (fault,) = refused(load_methodology, tmp_path, HEAD + AGE_LIMIT)
    assert fault.details["replaces"]
    whole = 'id = "own"\ntitle = "T"\nprofession = "p"\ndated = 2024-01-01\n'
    faults = refused(load_methodology, tmp_path, whole + AGE_LIMIT + "reason = 'x'\n")
    assert keyed(faults)[0] == ("rulebook.uncited", "etp.age_limit")
    assert not faults[0].details["replaces"]


def test_files_that_extend_one_another(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('id = "other"\nextends = "own.toml"\n')
    with pytest.raises(MethodologyError) as caught:
        load_text(load_methodology, tmp_path, 'id = "own"\nextends = "other.toml"\n')
    (fault,) = caught.value.faults
    assert (fault.code, fault.key, fault.values) == (
        "rulebook.extends_itself",
        "extends",
        ("own.toml",),
    )
    assert fault.table.endswith("other.toml")


def test_faults_of_a_file_whose_parent_is_missing(tmp_path: Path) -> None:
    faults = refused(load_methodology, tmp_path, 'id = 3\ncolour = 1\nextends = "mk-1999"\n')
    assert keyed(faults) == [
        ("rulebook.unknown_key", "colour"),
        ("rulebook.unknown_id", "extends"),
    ]


def test_faults_of_a_value_and_of_its_citation(tmp_path: Path) -> None:
    text = "[etp.age_limit]\nvalue = -1\nunit = 3\nwhy = 'x'\nsilent = true\n"
    assert keyed(refused(load_methodology, tmp_path, HEAD + text)) == [
        ("rulebook.unknown_key", "etp.age_limit.why"),
        ("rulebook.not_a_text", "etp.age_limit.unit"),
        ("rulebook.uncited", "etp.age_limit"),
        ("rulebook.silent_without_reason", "etp.age_limit"),
        ("value.too_low", "etp.age_limit"),
    ]
