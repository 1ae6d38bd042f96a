"""What may be published: figures rounded and hidden, so that no small group is disclosed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .earlier import Earlier as Earlier
    from .publish import publish as publish
    from .rules import publication_rules as publication_rules

__getattr__, __dir__, __all__ = lazy_names(
    __name__, {"earlier": ["Earlier"], "publish": ["publish"], "rules": ["publication_rules"]}
)
