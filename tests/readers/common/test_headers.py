"""Which column of a header each field of a layout is."""

from __future__ import annotations

from support.sheets import PEOPLE

from apl_engine.inputs.names import plain
from apl_engine.readers.common.headers import Field, match_columns


def test_plain_headers() -> None:
    assert plain("  Libellé de la\ncommune ") == "libelle_de_la_commune"
    assert plain("UU2020") == "uu2020"
    assert plain("95+") == "95_plus"


def test_the_most_certain_pattern_decides_and_a_column_has_one_field() -> None:
    fields = (Field("code", (r"^codgeo$", r"^code")), Field("other", (r"^code",)))
    assert match_columns(["code_a", "codgeo", "code_b"], fields, {}) == {
        "code": [1], "other": [0, 2],
    }  # fmt: skip
    assert match_columns(["code_a"], fields, {}) == {"code": [0]}


def test_names_given_by_the_user_take_precedence() -> None:
    columns = match_columns(["ville", "pop", "hab"], PEOPLE.fields, {"commune": "Ville"})
    assert columns == {"commune": [0], "people": [1]}
    columns = match_columns(["codgeo", "pop", "hab"], PEOPLE.fields, {"people": "Hab."})
    assert columns == {"commune": [0], "people": [2]}
    # In another file the same column has its usual name.
    columns = match_columns(["codgeo", "pop"], PEOPLE.fields, {"people": "X"})
    assert columns == {"commune": [0], "people": [1]}


def test_the_usual_headers_of_a_layout() -> None:
    assert PEOPLE.expected == "CODGEO, POP"
