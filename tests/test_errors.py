"""Errors carry their faults as data, and survive a process boundary."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from apl_engine import errors
from apl_engine.errors import AplError, Fault, InputDataError, check_types

FAULT = Fault(
    code="population.negative_value",
    table="population",
    column="population",
    count=4,
    rows=(2, 3, 5),
    values=("-1", "-2"),
    details={"doc": "inhabitants"},
)


def subclasses(kind: type[AplError]) -> Iterator[type[AplError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from subclasses(child)


ERRORS = sorted(set(subclasses(AplError)), key=lambda kind: kind.__name__)


def fail(kind: type[AplError]) -> None:
    raise kind([FAULT, FAULT])


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as made:
        yield made


def test_every_error_of_the_package_is_sent_through_the_pool() -> None:
    named = {value for value in vars(errors).values() if isinstance(value, type)}
    assert set(ERRORS) == {kind for kind in named if issubclass(kind, AplError)}


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_crosses_a_process_pool(pool: ProcessPoolExecutor, kind: type[AplError]) -> None:
    caught = pool.submit(fail, kind).exception(timeout=60)
    assert type(caught) is kind
    assert caught.faults == (FAULT, FAULT)
    assert str(caught) == str(kind([FAULT, FAULT]))


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_takes_one_fault_or_several(kind: type[AplError]) -> None:
    assert kind(FAULT).faults == (FAULT,)
    assert pickle.loads(pickle.dumps(kind(iter([FAULT])))).faults == (FAULT,)


def test_a_fault_as_plain_values() -> None:
    data = FAULT.as_dict()
    assert data["code"] == "population.negative_value"
    assert (data["table"], data["column"], data["count"]) == ("population", "population", 4)
    assert (data["rows"], data["values"]) == ((2, 3, 5), ("-1", "-2"))
    assert set(data) >= {"problem", "details"}
    assert "key" not in data


def test_a_type_given_by_its_name() -> None:
    kinds = ("AplError", str, None)
    check_types(a=(InputDataError(FAULT), *kinds), b=("", *kinds), c=(None, *kinds))
    with pytest.raises(InputDataError) as caught:
        check_types(a=(ValueError(), *kinds))
    assert caught.value.faults[0].details["expected"] == ("AplError", "str", "None")


@pytest.mark.parametrize(
    ("origin", "prefix", "command"),
    [
        ({"url": "{here}", "dir_info": {}}, "/usr", "pip install '.[annex]'"),
        ({"url": "{here}", "dir_info": {"editable": True}}, "/usr", "pip install -e '.[annex]'"),
        ({"url": "file:///a/b", "dir_info": {}}, "/usr", "pip install '/a/b[annex]'"),
        ({"url": "file:///a/apl%20x.whl"}, "/usr", "pip install '/a/apl x.whl[annex]'"),
        (
            {"url": "https://a.b/c.git", "vcs_info": {"vcs": "git"}},
            "/usr",
            "pip install 'apl-engine[annex] @ git+https://a.b/c.git'",
        ),
        (
            {"url": "{here}", "dir_info": {"editable": True}},
            "{here}/.venv",
            "scripts/prepare --no-default-groups --extra annex",
        ),
    ],
)
def test_a_missing_library_is_installed_from_where_the_package_was(
    origin: dict[str, object], prefix: str, command: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    text = json.dumps(origin).replace("{here}", tmp_path.as_uri())
    installed = SimpleNamespace(read_text={"direct_url.json": text}.get)
    monkeypatch.setattr(metadata, "distribution", {"apl-engine": installed}.__getitem__)
    monkeypatch.setattr(sys, "prefix", prefix.replace("{here}", str(tmp_path)))
    found = errors.missing_library("matplotlib", "annex")
    assert found == {"library": "matplotlib", "extra": "annex", "install": command}
