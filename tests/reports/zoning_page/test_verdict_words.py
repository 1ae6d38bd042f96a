"""What the workbench says of a proposal: words in both languages, figures of the command."""

from __future__ import annotations

import random
import re

from support.countries import country_of, proposal
from support.drawn_regions import as_page_has_it, world
from support.drawn_regions import proposal as drawn_proposal
from support.page_models import driver, model_of

from apl_engine.regional.region import read_country
from apl_engine.reports.zoning_page.texts import texts


def test_every_finding_has_words_in_both_languages() -> None:
    draw = random.Random(11)
    with driver("verdict_words.mjs") as ask:
        for _ in range(5):
            zones = world(draw)
            country = read_country(zones)
            made = [as_page_has_it(drawn_proposal(draw, country)) for _ in range(10)]
            for said in ask({"model": model_of(zones), "proposals": made, "texts": texts()}):
                for sentence in (*said["fr"], *said["en"]):
                    assert sentence
                    assert not re.search(r"[{}]|undefined|NaN|Infinity", sentence), sentence


def test_words_have_the_figures_of_the_command() -> None:
    zones = country_of(10.0625)
    with driver("verdict_words.mjs") as ask:
        asked = {
            "model": model_of(zones),
            "proposals": [as_page_has_it(proposal(("ADD",), concertation=None))],
            "texts": texts(),
        }
        ((said),) = ask(asked)
    assert said["en"] == [
        "all territories are classed by the region",
        "all moves are between “Très sous dotée” and “Sous dotée”",
        "the additions are those of the lowest APL in the region",
        "10.063 inhabitants are added, 0.063 more than the limit of 10 (2.5% of the regional "
        "population)",
        "nothing is removed",
        "the share would be 5.031%, +2.516 points from 2.516%: 0.016 points more than the limit of "
        "2.5 points",
        "missing: Concertation (article R. 1434-42)",
        "every territory that moves has a justification",
    ]
    assert said["fr"][3] == (
        "10,063 habitants sont ajoutés, 0,063 de plus que la limite de 10 (2,5\xa0% de la "
        "population régionale)"
    )
