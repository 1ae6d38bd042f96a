"""`apl methodologies`."""

from __future__ import annotations

from support.command import apl


def test_texts_are_listed() -> None:
    done = apl("methodologies")
    assert "mk-2018" in done.stdout
    assert "mk-2024 Masseurs-kinésithérapeutes, arrêté du 20 mars 2024" in done.words
    assert apl("methodologies", "--json").json[1]["id"] == "mk-2024"


def test_parameters_are_shown() -> None:
    shown = apl("methodologies", "show", "mk-2024").stdout
    assert "age_limit = 65 years" in shown
    assert "? straddling = at_or_below" in shown
    assert "tres_sous_dotee 8.8" in shown
    document = apl("methodologies", "show", "mk-2024", "--json").json
    assert document["parameters"][4]["value"] == 65
    assert apl("methodologies", "show", "mk-1999").returncode == 2
