"""The modules of a page as one script: each whole, in an order that needs no import."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_ASSETS = Path(__file__).with_name("assets")
_IMPORT = re.compile(r'^import\s*\{[^}]*\}\s*from\s*"\./([\w-]+\.mjs)";\n', re.MULTILINE)
# Comments of whole lines are for those who work on the modules.
_COMMENT = re.compile(r"^ */\*\*(?:(?!\*/).)*\*/\n", re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const|let)\b)", re.MULTILINE)


@cache
def asset(name: str) -> str:
    """Return the text of a file of the page."""
    return (_ASSETS / name).read_text("utf-8")


@cache
def script(first: str = "main.mjs") -> str:
    """Return a module and all that it imports as one module.

    Modules import names as they are, so that a name means the same in all of them.
    """
    parts: dict[str, str] = {}
    _add(first, parts)
    return "\n".join(parts.values())


def _add(name: str, parts: dict[str, str]) -> None:
    """Add a module below those that it imports."""
    text = asset(name)
    for imported in _IMPORT.findall(text):
        if imported not in parts:
            _add(imported, parts)
    code = _EXPORT.sub("", _IMPORT.sub("", _COMMENT.sub("", text)))
    parts[name] = f"// {name}\n{code.strip()}\n"


@cache
def style() -> str:
    """Return the style of the page: that of the frame first, then that of each view."""
    names = sorted(path.name for path in _ASSETS.glob("*.css"))
    names.sort(key=lambda name: name != "page.css")
    return "\n".join(asset(name) for name in names)
