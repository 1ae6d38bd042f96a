"""Methodology files: what they say, what is inherited, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import pytest
from support.rulebooks import keyed, load_text, refused

from apl_engine import list_methodologies, load_methodology
from apl_engine.methodology.model import FORMAT

HEAD = 'id = "own"\nextends = "mk-2024"\n'


def test_figures_of_the_text_of_2024() -> None:
    """Each beside the words of the annexe."""
    rules = load_methodology("mk-2024")
    # « moins de 10 minutes », « entre 10 et 15 », « entre 15 et 20 », « plus de 20 … nulle »
    steps = [(step.to, step.included, step.weight) for step in rules.travel.steps]
    assert steps == [
        (10, False, 1),
        (15, False, Fraction(2, 3)),
        (20, True, Fraction(1, 3)),
    ]
    # « la médiane », « le 9e décile », « plus de 65 ans », « inférieurs à 10 000 € », « un ETP »
    assert (rules.etp.median_quantile, rules.etp.ceiling_quantile) == (
        Fraction(1, 2),
        Fraction(9, 10),
    )
    assert (rules.etp.age_limit, rules.etp.age_exclusion) == (65, "above")
    assert (rules.etp.minimum_fees, rules.etp.low_activity_measure) == (10_000, "fees")
    assert rules.etp.newly_installed_etp == 1
    # « 15 % », « 15 % », « 40 % » « de la population totale »
    assert [c.share for c in rules.zoning.classes] == [15, 15, 40, None]
    assert rules.zoning.cut_population == "population"
    # « pondérée par la population standardisée », « pour 100 000 habitants »
    assert rules.zoning.aggregation_weight == "standardised_population"
    assert rules.apl.per_inhabitants == 100_000
    # « plus de 30 000 habitants », « 2,5 % »
    assert rules.mesh.split_above == 30_000
    assert rules.regional.margin == Fraction(5, 2)
    # « définies nationalement comme très sous dotées », « parmi (…) zone sous dotée »
    assert (rules.regional.lower_zone, rules.regional.upper_zone) == (
        "tres_sous_dotee",
        "sous_dotee",
    )
    # « la concertation », « l'avis de la commission », « le justifient »
    assert rules.regional.consultation
    assert rules.regional.justification


def test_article_vi_as_printed() -> None:
    shares = {
        row.region: row.shares for row in load_methodology("mk-2024").regional.published_shares
    }
    assert len(shares) == 18 + 1
    assert shares["24"]["tres_sous_dotee"] == Fraction("49.7")
    assert shares["FR"] == {"tres_sous_dotee": 15, "sous_dotee": 15, "intermediaire": 40}
    assert shares["94"] == {
        "tres_sous_dotee": Fraction("4.1"), "sous_dotee": Fraction("23.8"), "intermediaire": 0,
    }  # fmt: skip


def test_the_row_of_corse_is_a_misprint_of_article_vi() -> None:
    rows = {row.region: row for row in load_methodology("mk-2024").regional.published_shares}
    misprints = {region: row.misprint for region, row in rows.items() if row.misprint}
    assert [*misprints] == ["94"]
    # One class too low.
    printed, meant = (tuple(each.shares.values()) for each in (rows["94"], misprints["94"]))
    assert meant == (0, *printed[:2])


# Inhabitants of 2020 in the territories attributed to each region, by the mesh of 2023.
ATTRIBUTED = {
    "01": 383_559, "02": 361_225, "03": 285_133, "04": 863_083, "06": 256_518, "11": 12_281_617,
    "24": 2_548_754, "27": 2_832_815, "28": 3_361_338, "32": 5_962_308, "44": 5_568_659,
    "52": 3_817_904, "53": 3_378_565, "75": 6_038_293, "76": 5_979_355, "84": 8_033_931,
    "93": 5_118_636, "94": 343_701,
}  # fmt: skip


def test_the_shares_of_article_vi_add_up_to_just_below_each_cut() -> None:
    """Only with Mayotte and with Corse corrected: the reason of two silent points."""
    published = load_methodology("mk-2024").regional.published_shares
    rows = {row.region: row for row in published if row.region != "FR"}
    everybody = sum(ATTRIBUTED.values())
    assert (rows.keys(), everybody) == (ATTRIBUTED.keys(), 67_415_394)

    def cumulated(*, corrected: bool, without: str = "") -> list[float]:
        own = {
            region: (row.misprint if corrected and row.misprint else row).shares
            for region, row in rows.items()
            if region != without
        }
        classes = ("tres_sous_dotee", "sous_dotee", "intermediaire")
        parts = [
            sum(shares[zone] * ATTRIBUTED[region] for region, shares in own.items()) / everybody
            for zone in classes
        ]
        return [round(float(total), 3) for total in accumulate(parts)]

    assert cumulated(corrected=True) == [14.976, 29.984, 69.985]
    assert cumulated(corrected=False) == [14.997, 30.105, 69.985]
    assert cumulated(corrected=True, without="06")[0] == 14.595


def test_every_parameter_is_cited_and_every_silent_point_has_a_reason() -> None:
    for name in list_methodologies():
        rules = load_methodology(name)
        assert [parameter.key for parameter in rules.parameters] == list(FORMAT.parsers)
        for parameter in rules.parameters:
            assert parameter.article, parameter.key
            assert parameter.source in rules.sources, parameter.key
            assert parameter.reason or not parameter.silent, parameter.key


def test_what_the_text_leaves_open() -> None:
    silent = {p.key for p in load_methodology("mk-2024").parameters if p.silent}
    assert silent == {
        "etp.quantile_definition",
        "etp.reference_population",
        "etp.age_exclusion",
        "etp.age_reference_date",
        "etp.newly_installed_low_activity",
        "etp.practice_split",
        "demand.normalised",
        "demand.open_age_band",
        "travel.steps",
        "travel.two_way_pairs",
        "travel.one_way_pairs",
        "travel.same_commune",
        "travel.same_commune_minutes",
        "zoning.ties",
        "zoning.straddling",
        "zoning.cuts",
        "zoning.imposed_population",
        "mesh.forced_split",
        "mesh.forced_whole",
        "mesh.canton_across_bassins",
        "mesh.no_cantons",
        "mesh.cities",
        "mesh.canton_poles",
        "regional.addition_order",
        "regional.margin_counting",
        "regional.regional_population",
        "regional.base_share",
    }


def test_gaps_of_the_text_of_2018() -> None:
    rules = load_methodology("mk-2018")
    assert [c.share for c in rules.zoning.classes][:4] == [
        Fraction(share) for share in ("6.8", "6.0", "65.1", "9.8")
    ]
    assert rules.zoning.aggregation_weight == "population"
    assert "etp.age_limit" in rules.gaps
    assert "zoning.classes" not in rules.gaps


def test_a_file_of_ones_own_changes_what_it_says(tmp_path: Path) -> None:
    text = '[etp.age_limit]\nvalue = 67\nreason = "what if"\n'
    rules = load_text(load_methodology, tmp_path, HEAD + text)
    assert rules.etp.age_limit == 67
    assert rules.etp.minimum_fees == 10_000
    changed = next(p for p in rules.parameters if p.key == "etp.age_limit")
    assert changed.file.endswith("own.toml")
    assert changed.unit == "years"
    assert changed.reason == "what if"
    assert changed.article.startswith("in place of annexe, IV, 4.1.1")
    assert [name for name, _ in rules.files][1] == "mk-2024.toml"
    assert rules.as_dict()["files"][0]["sha256"] == rules.files[0][1]


def test_a_file_may_extend_one_beside_it_and_fill_a_gap(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(
        'id = "base"\nextends = "mk-2018"\n[etp.age_limit]\nvalue = 60\nreason = "read"\n'
    )
    rules = load_text(load_methodology, tmp_path, 'id = "own"\nextends = "base.toml"\n')
    assert rules.etp.age_limit == 60
    assert "etp.age_limit" not in rules.gaps
    assert "etp.minimum_fees" in rules.gaps
    assert rules.title.startswith("Masseurs")


def test_the_readings_of_a_silent_point_stay_open(tmp_path: Path) -> None:
    text = "[zoning.straddling]\nvalue = 'crossing'\nreason = 'mine'\n"
    rules = load_text(load_methodology, tmp_path, HEAD + text)
    point = next(p for p in rules.parameters if p.key == "zoning.straddling")
    assert (point.silent, point.others) == (True, ("at_or_below", "nearest"))


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        ("dated = 2024\n", "value.not_a_day", "dated"),
        ("colour = 1\n", "rulebook.unknown_key", "colour"),
        ("etp = 1\n", "rulebook.not_a_table", "etp"),
        ("[etp.age]\nvalue = 1\n", "rulebook.unknown_key", "etp.age"),
        ("[etp]\nage_limit = 66\n", "rulebook.not_an_entry", "etp.age_limit"),
        ("[etp.age_limit]\nvalue = -1\nreason = 'x'\n", "value.too_low", "etp.age_limit"),
        (
            "[etp.age_limit]\nvalue = 66\nreason = 'x'\nothers = 3\n",
            "methodology.others_of_settled_point",
            "etp.age_limit",
        ),
        (
            "[etp.age_limit]\nvalue = 66\nreason = 'x'\nothers = [67]\n",
            "methodology.others_of_settled_point",
            "etp.age_limit",
        ),
        (
            "[zoning.straddling]\nvalue = 'crossing'\nsilent = true\nreason = 'x'\n"
            "others = ['any']\n",
            "value.not_allowed",
            "zoning.straddling",
        ),
        (
            "[zoning.imposed]\nreason='x'\nvalue=[{region='06',zone='blue',reason='y'}]",
            "methodology.imposed_zone_unknown",
            "zoning.imposed",
        ),
        (
            "[etp.ceiling_quantile]\nreason='x'\nvalue='1/3'\n",
            "methodology.ceiling_below_median",
            "etp.ceiling_quantile",
        ),
        (
            "[mesh.forced_whole]\nreason='x'\nvalue=[{unit='14401',name='Lisieux',reason='y'}]",
            "methodology.forced_both_ways",
            "mesh.forced_split",
        ),
        (
            "[mesh.forced_whole]\nreason='x'\nvalue=[{unit='14000',name='none',reason='y'}]",
            "value.not_an_urban_unit",
            "mesh.forced_whole[1].unit",
        ),
        (
            "[mesh.no_cantons]\nreason='x'\n"
            "value=[{code='69',name='Lyon',territories='by_commune'}]",
            "value.not_a_no_canton",
            "mesh.no_cantons[1].code",
        ),
        (
            "[regional.published_shares]\nreason='x'\nvalue=[{region='94',name='Corse',"
            "shares={a=1,b=2},misprint={shares={a=1},reason='y'}}]",
            "methodology.misprint_of_other_classes",
            "regional.published_shares",
        ),
        ('gaps = ["etp.colour"]\n', "methodology.gap_unknown", "gaps"),
        ('gaps = "etp"\n', "methodology.gap_unknown", "gaps"),
        ('gaps = [["etp.age_limit"]]\n', "methodology.gap_unknown", "gaps"),
    ],
)
def test_malformed_files(tmp_path: Path, text: str, code: str, key: str) -> None:
    assert keyed(refused(load_methodology, tmp_path, HEAD + text)) == [(code, key)]


def test_all_faults_of_a_file_are_raised_together(tmp_path: Path) -> None:
    text = """
    colour = 1
    gaps = ["etp.colour"]
    dated = "2024"
    [sources.law]
    [etp.age_limit]
    value = -1
    reason = "x"
    [etp.minimum_fees]
    value = 5
    [travel.steps]
    value = [{to = 0, included = 1, weight = 2}, {to = 15, weight = 0}]
    reason = "x"
    [zoning.imposed]
    value = [{region = "06", zone = "blue", reason = "y"}]
    reason = "x"
    """
    assert keyed(refused(load_methodology, tmp_path, HEAD + text)) == [
        ("rulebook.unknown_key", "colour"),
        ("rulebook.not_a_source", "sources.law"),
        ("value.not_a_day", "dated"),
        ("rulebook.uncited", "etp.minimum_fees"),
        ("methodology.gap_unknown", "gaps"),
        ("value.too_low", "etp.age_limit"),
        ("value.not_above", "travel.steps[1].to"),
        ("value.not_a_flag", "travel.steps[1].included"),
        ("value.too_high", "travel.steps[1].weight"),
        ("value.missing_key", "travel.steps[2].included"),
        ("methodology.imposed_zone_unknown", "zoning.imposed"),
    ]


def test_a_text_that_extends_nothing_needs_every_parameter(tmp_path: Path) -> None:
    whole = 'id = "own"\ntitle = "T"\nprofession = "p"\ndated = 2024-01-01\n'
    (fault,) = refused(load_methodology, tmp_path, whole)
    assert fault.code == "rulebook.missing_values"
    assert fault.details["missing"] == tuple(FORMAT.parsers)
    assert fault.details["default"] == "mk-2024"
