"""What communes are looked up by, and that the page finds what the command finds."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import polars as pl
import pytest

from apl_engine.errors import InputDataError
from apl_engine.inputs.names import plain
from apl_engine.inputs.samples import sample_folder
from apl_engine.method.result import Zoning
from apl_engine.methodology import load_methodology
from apl_engine.reports.zoning_page.lookup import lookup_content, read_search_names
from apl_engine.results.lookup import find_place, region_names

from .test_modules import HERE, node

# With homonyms, overseas, Corsica and a city of arrondissements.
WITHIN = r"^(?:2A|53|75|93|974)"


@pytest.fixture(scope="module")
def zones() -> Zoning:
    """Communes of the sample by their real names, without any computation."""
    columns = ("commune", "name", "region", "territory", "territory_name")
    communes = (
        pl.read_parquet(sample_folder("france") / "communes.parquet")
        .select(pl.col(*columns).cast(pl.String))
        .filter(pl.col("commune").str.contains(WITHIN))
        .sort("commune")
        .with_columns(
            population=pl.int_range(pl.len(), 0, -1).cast(pl.Float64),
            standardised_population=pl.lit(1.0),
            apl=pl.lit(1.0),
            zone=pl.lit("sous_dotee"),
        )
    )
    territories = communes.group_by("territory").agg(
        pl.col("territory_name", "region").first(),
        communes=pl.len().cast(pl.Int64),
        population=pl.col("population").sum(),
        standardised_population=pl.col("standardised_population").sum(),
        apl=pl.lit(1.0),
        rank=pl.lit(None, pl.UInt32),
        cumulative_share=pl.lit(None, pl.Float64),
        zone=pl.lit("sous_dotee"),
        zone_reason=pl.lit("ranked"),
    )
    names = {"04": "La Réunion", "11": "Île-de-France", "53": "Bretagne"}
    regions = communes.select("region").unique().with_columns(
        region_name=pl.col("region").replace(names), zone=pl.lit("sous_dotee"),
        population=pl.lit(1.0), share=pl.lit(1.0), communes=pl.lit(1), territories=pl.lit(1),
    )  # fmt: skip
    return Zoning(
        communes=communes, territories=territories, regions=regions, cuts=(),
        counts={}, notes=(), methodology=load_methodology("mk-2024"), timings={},
    )  # fmt: skip


@pytest.fixture(scope="module")
def names() -> pl.DataFrame:
    found = read_search_names()
    assert found is not None
    return found


def model_of(zones: Zoning, names: pl.DataFrame) -> dict[str, object]:
    """The part of the data of a page that a search uses."""
    communes, territories = zones.communes, zones.territories
    departements = [code[: 3 if code.startswith("97") else 2] for code in communes["commune"]]
    known, regions = sorted(set(departements)), region_names(zones)
    return {
        "meta": {
            "departements": [{"code": code, "name": f"Departement {code}"} for code in known],
            "regions": [{"code": code, "name": name} for code, name in regions.items()],
        },
        "communes": {
            "code": communes["commune"].to_list(),
            "name": communes["name"].to_list(),
            "population": communes["population"].to_list(),
        },
        "territories": {
            "code": territories["territory"].to_list(),
            "name": territories["territory_name"].to_list(),
            "region": [list(regions).index(code) for code in territories["region"]],
            "population": territories["population"].to_list(),
        },
        "units": {
            "territory": [
                territories["territory"].index_of(code) for code in communes["territory"]
            ],
            "departement": [known.index(code) for code in departements],
            "region": [list(regions).index(code) for code in communes["region"]],
        },
        "lookup": lookup_content(zones, names),
    }


def spellings(code: str, name: str) -> list[str]:
    """A place as people write it."""
    simple = plain(name).replace("_", " ")
    short = simple.replace("saint ", "st ").replace("sainte ", "ste ")
    return [name, simple.upper(), code, code.lstrip("0"), short, f"{name} ({code[:2]})",
            f"{code} {name}"]  # fmt: skip


def command_finds(zones: Zoning, text: str) -> tuple[list[str], bool]:
    """The codes of a text by the command, and whether it is one place."""
    try:
        return [find_place(zones, text).code], True
    except InputDataError as error:
        details = error.faults[0].details
        listed = details.get("places", details.get("arrondissements", ()))
        return [str(one).split(" ")[0] for one in listed], False


def test_the_page_finds_what_the_command_finds(zones, names, tmp_path: Path) -> None:
    communes = zones.communes.select("commune", "name").gather_every(zones.communes.height // 6)
    territories = zones.territories.select("territory", "territory_name").gather_every(12)
    texts = [text for row in communes.rows() for text in spellings(*row)]
    texts += [text for row in territories.rows() for text in spellings(*row)[:4]]
    texts += ["Paris", "75056", "Paris XIIIe", "saint denis", "Saint-Denis, La Réunion"]
    cases = [(text, *command_finds(zones, text)) for text in dict.fromkeys(texts)]
    assert sum(unique for _, _, unique in cases) > 40
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"model": model_of(zones, names), "cases": cases}), "utf-8")
    done = subprocess.run(
        [node(), str(HERE / "modules" / "agreement.mjs"), str(path)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == []


def test_postcodes_and_former_names_are_of_their_communes(zones, names) -> None:
    content = lookup_content(zones, names)
    assert content is not None
    codes = zones.communes["commune"].to_list()
    post, commune, pairs = 0, 0, set()
    for step, other in zip(*content["postcodes"].values(), strict=True):
        post, commune = post + step, commune + other
        pairs.add((codes[commune], f"{post:05}"))
    inside = names.filter(pl.col("commune").is_in(codes))
    assert pairs == set(inside.filter(kind="postal_code").select("commune", "text").rows())
    former = {
        (codes[number], name) for name, number in zip(*content["former"].values(), strict=True)
    }
    assert former <= set(inside.filter(kind="former_commune").select("commune", "text").rows())
    assert len(former) > 10


def test_communes_of_another_country_have_no_postcodes(zones, names) -> None:
    assert lookup_content(zones, None) is None
    assert lookup_content(zones, names.filter(commune="99999")) is None
    only = names.filter(kind="former_commune")
    assert lookup_content(zones, only) is None


def test_a_name_of_the_commune_itself_is_no_former_one(zones, names) -> None:
    code, name = zones.communes.select("commune", "name").row(0)
    more = pl.DataFrame(
        {"commune": code, "kind": ["postal_code", "former_commune"],
         "text": ["20000", name.upper()], "code": [None, "2A999"]}
    )  # fmt: skip
    content = lookup_content(zones, more)
    assert content is not None
    assert content["former"]["names"] == []
    assert content["former_codes"] == {"codes": ["2A999"], "communes": [0]}
