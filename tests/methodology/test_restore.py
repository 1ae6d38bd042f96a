"""The methodology of a run, restored from its record."""

from __future__ import annotations

import json

import pytest

from apl_engine import MethodologyError, list_methodologies, load_methodology
from apl_engine.methodology import restore_methodology, vary


@pytest.mark.parametrize("name", list_methodologies())
def test_a_methodology_is_restored_from_its_record(name: str) -> None:
    rules = vary(load_methodology(name), "etp.age_limit", 67)
    restored = restore_methodology(json.loads(json.dumps(rules.as_dict())))
    assert restored.as_dict() == rules.as_dict()
    assert (restored.travel, restored.zoning, restored.etp) == (
        rules.travel,
        rules.zoning,
        rules.etp,
    )
    assert restored.travel.denominator == 3


def test_a_record_of_another_version() -> None:
    record = load_methodology("mk-2024").as_dict()
    record["parameters"] = [p for p in record["parameters"] if not p["key"].startswith("travel")]
    with pytest.raises(MethodologyError) as caught:
        restore_methodology(record)
    (fault,) = caught.value.faults
    assert fault.code == "methodology.other_version"
    assert fault.details["missing"] == (
        "travel.steps",
        "travel.two_way_pairs",
        "travel.one_way_pairs",
        "travel.same_commune",
        "travel.same_commune_minutes",
    )
