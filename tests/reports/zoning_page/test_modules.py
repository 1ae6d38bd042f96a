"""The modules of the page: one script without imports, and their own tests by Node."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from support.node import node

from apl_engine.reports.zoning_page import modules, texts

HERE = Path(__file__).parent
ASSETS = Path(modules.__file__).with_name("assets")
NAMES = sorted(path.name for path in ASSETS.glob("*.mjs"))
DECLARED = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|class|const|let) (?:(\w+)|\{([^}]*)\}|\[([^\]]*)\])",
    re.MULTILINE,
)


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (HERE / "modules").glob("*.test.mjs"))
)
def test_modules_pass_their_own_tests(name):
    done = subprocess.run(
        [node(), "--test", "--test-reporter", "tap", str(HERE / "modules" / name)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    counted = dict(re.findall(r"^# (tests|pass|fail) (\d+)$", done.stdout, re.MULTILINE))
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert int(counted["tests"]) == int(counted["pass"]) > 0


def test_script_has_every_module_once_and_no_import():
    script = modules.script()
    assert sorted(re.findall(r"^// (\w+\.mjs)$", script, re.MULTILINE)) == NAMES
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)
    assert "</script" not in script.lower()


def test_names_are_unique_over_all_modules():
    names = Counter(
        name.strip()
        for module in NAMES
        for found in DECLARED.findall(modules.asset(module))
        for name in ",".join(found).split(",")
        if name.strip()
    )
    assert [name for name, number in names.items() if number > 1] == []


def test_script_is_valid():
    done = subprocess.run(
        [node(), "--check", "--input-type=module", "-"],
        input=modules.script(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_both_languages_have_every_text():
    french, english = (texts.texts()[lang] for lang in ("fr", "en"))
    assert french.keys() == english.keys()
    for key, text in french.items():
        other = english[key]
        assert _names(text) == _names(other), key
        assert isinstance(text, str) == isinstance(other, str), key


def test_every_text_that_a_module_asks_for_exists():
    asked = {
        key for module in NAMES for key in re.findall(r'\bt\(\s*"([\w.]+)"', modules.asset(module))
    }
    assert asked - texts.texts()["fr"].keys() == set()


def _names(text):
    forms = [text] if isinstance(text, str) else list(text.values())
    return {name for form in forms for name in re.findall(r"\{(\w+)\}", form)}
