"""Methodology files: what they say, and what is refused of them."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from pathlib import Path

import pytest

from apl_engine import Methodology, MethodologyError, list_methodologies, load_methodology
from apl_engine.methodology.model import SECTIONS

HEAD = 'id = "mine"\nextends = "mk-2024"\n'


def load(tmp_path: Path, text: str) -> Methodology:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_methodology(path)


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(MethodologyError) as caught:
        load(tmp_path, text)
    assert "mine.toml" in str(caught.value)
    return str(caught.value)


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


def test_every_parameter_is_cited_and_every_silent_point_has_a_reason() -> None:
    for name in list_methodologies():
        rules = load_methodology(name)
        assert len(rules.parameters) == sum(len(fields(kind)) for kind in SECTIONS.values())
        for parameter in rules.parameters:
            assert parameter.article, parameter.key
            assert parameter.source in rules.sources, parameter.key
            assert parameter.reason or not parameter.silent, parameter.key


def test_what_the_text_leaves_open() -> None:
    silent = {p.key for p in load_methodology("mk-2024").parameters if p.silent}
    assert silent == {
        "etp.quantile_definition",
        "etp.reference_population",
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
        "zoning.imposed_population",
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
    rules = load(tmp_path, HEAD + '[etp.age_limit]\nvalue = 67\nreason = "what if"\n')
    assert rules.etp.age_limit == 67
    assert rules.etp.minimum_fees == 10_000
    changed = next(p for p in rules.parameters if p.key == "etp.age_limit")
    assert changed.file.endswith("mine.toml")
    assert changed.unit == "years"
    assert changed.reason == "what if"
    assert changed.article.startswith("in place of annexe, IV, 4.1.1")
    assert [name for name, _ in rules.files][1] == "mk-2024.toml"
    assert rules.as_dict()["files"][0]["sha256"] == rules.files[0][1]


def test_a_file_may_extend_one_beside_it_and_fill_a_gap(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(
        'id = "base"\nextends = "mk-2018"\n[etp.age_limit]\nvalue = 60\nreason = "read"\n'
    )
    rules = load(tmp_path, 'id = "mine"\nextends = "base.toml"\n')
    assert rules.etp.age_limit == 60
    assert "etp.age_limit" not in rules.gaps
    assert "etp.minimum_fees" in rules.gaps
    assert rules.title.startswith("Masseurs")


def test_unknown_id() -> None:
    with pytest.raises(
        MethodologyError, match=r"mk-1999: unknown methodology\. Known: mk-2018, mk-"
    ):
        load_methodology("mk-1999")


def test_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeff" + HEAD).id == "mine"


@pytest.mark.parametrize("name", [None, 3, {}])
def test_what_is_neither_an_id_nor_a_path(name: object) -> None:
    with pytest.raises(MethodologyError, match="neither the id of a methodology nor a path"):
        load_methodology(name)  # type: ignore[arg-type]


def test_no_such_file() -> None:
    with pytest.raises(MethodologyError, match=r"nowhere\.toml: there is no such file"):
        load_methodology("nowhere.toml")


MANY_STEPS = [f"{{to = {k}, included = false, weight = 1}}" for k in range(1, 300)]
ENTRY = "[zoning.classes]\nreason = 'x'\nvalue = "
STEPS = "[travel.steps]\nreason = 'x'\nvalue = "


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id = ", "cannot be read as TOML"),
        ('extends = "mk-2024"\n', "[id] missing"),
        ('id = "mine"\n', "[title] missing"),
        (HEAD + "dated = 2024\n", "[dated] 2024 is not of the right kind (date)"),
        (HEAD + "colour = 1\n", "[colour] unknown key. Known keys: apl, dated, demand"),
        (HEAD + "etp = 1\n", "[etp] expected a table, got 1"),
        (HEAD + "[etp.age]\nvalue = 1\n", "[etp.age] unknown key. Known keys: age_exclusion"),
        (HEAD + "[etp]\nage_limit = 66\n", "[etp.age_limit] expected a table with a value, got 66"),
        (HEAD + "[etp.age_limit]\nvalue = 66\n", "[etp.age_limit] value 66 has no citation"),
        (
            HEAD + "[etp.age_limit]\nvalue = 66\nsource = 'law'\narticle = '1'\n",
            "source 'law' has no [sources.law] table",
        ),
        (HEAD + "[etp.age_limit]\nvalue = 66\nwhy = 'x'\n", "[etp.age_limit] unknown key 'why'"),
        (
            HEAD + "[etp.age_limit]\nvalue = -1\nreason = 'x'\n",
            "[etp.age_limit] -1 is refused: expected 0 or more",
        ),
        (
            HEAD + "[etp.age_limit]\nvalue = nan\nreason = 'x'\n",
            "[etp.age_limit] NaN is refused: expected a number",
        ),
        (
            HEAD + "[etp.age_limit]\nvalue = true\nreason = 'x'\n",
            "[etp.age_limit] True is refused: expected a number",
        ),
        (
            HEAD + "[etp.median_quantile]\nvalue = '3/2'\nreason = 'x'\n",
            "[etp.median_quantile] 3/2 is refused: expected 1 or less",
        ),
        (
            HEAD + "[etp.median_quantile]\nvalue = 0.1234567891\nreason = 'x'\n",
            "expected a fraction of denominator 1000000 or less",
        ),
        (
            HEAD + "[etp.age_exclusion]\nvalue = 'over'\nreason = 'x'\n",
            '[etp.age_exclusion] over is refused: expected one of "above", "from"',
        ),
        (
            HEAD + "[etp.age_reference_date]\nvalue = '2022'\nreason = 'x'\n",
            "2022 is refused: expected a date, written 2022-12-31 without quotes",
        ),
        (
            HEAD + "[demand.normalised]\nvalue = 'yes'\nreason = 'x'\n",
            "yes is refused: expected true or false",
        ),
        (
            HEAD + "[etp.age_limit]\nvalue = 66\nsilent = true\nsource='arrete-2024'\narticle='1'",
            "a silent point needs a reason",
        ),
        (HEAD + STEPS + "[]", "the list is refused: expected at least one step"),
        (
            HEAD + STEPS + f"[{', '.join(MANY_STEPS)}]",
            "expected at most 100 steps",
        ),
        (HEAD + STEPS + "3", "3 is refused: expected a list of tables"),
        (HEAD + STEPS + "[{to = 10, weight = 1}]", "entry 1 lacks 'included'"),
        (
            HEAD + STEPS + "[{to = 10, weight = 1, included = true, x = 1}]",
            "entry 1 has an unknown key 'x'",
        ),
        (
            HEAD + STEPS + "[{to=15, included=true, weight=1}, {to=10, included=true, weight=0}]",
            "[travel.steps] the list is refused: steps must rise: 10 follows 15 minutes",
        ),
        (
            HEAD + STEPS + "[{to=10, included=true, weight=0}, {to=15, included=true, weight=1}]",
            "weights must not rise with time: 1 follows 0",
        ),
        (
            HEAD + STEPS + "[{to = 0, included = true, weight = 1}]",
            "the list is refused: expected more than 0",
        ),
        (
            HEAD + ENTRY + "[{id='a',label='A',share=60},{id='b',label='B',share=50},"
            "{id='c',label='C'}]",
            "[zoning.classes] the list is refused: shares add up to 110 %, more than 100 %",
        ),
        (
            HEAD + ENTRY + "[{id='a',label='A'},{id='b',label='B'}]",
            "every class but the last needs a share; the last takes the remainder",
        ),
        (
            HEAD + ENTRY + "[{id='a',label='A',share=1},{id='a',label='B'}]",
            "two classes have the same id",
        ),
        (HEAD + ENTRY + "[{id='',label='A'}]", "expected a text that is not empty"),
        (
            HEAD + "[zoning.imposed]\nreason='x'\nvalue=[{region='06',zone='blue',reason='y'}]",
            "[zoning.imposed] zone 'blue' is none of the classes",
        ),
        (
            HEAD + "[regional.published_shares]\nreason='x'\n"
            "value=[{region='06',name='M',shares={a=60,b=41}}]",
            "shares of M add up to 101 %, more than 100 %",
        ),
        (HEAD + 'gaps = ["etp.colour"]\n', "[gaps] 'etp.colour' is no parameter"),
        (HEAD + 'gaps = "etp"\n', "[gaps] 'etp' is no parameter"),
        ('id = "mine"\nextends = 3\n', "[extends] 3 is not the id of a methodology"),
        (HEAD + "[sources]\nlaw = 3\n", "[sources.law] a source is a table with a title"),
        (HEAD + "[sources.law]\n", "[sources.law] a source is a table with a title"),
        (
            HEAD
            + "[zoning.imposed]\nreason='x'\nvalue=[{region='6',zone='sous_dotee',reason='y'}]",
            "expected a region code of two figures in quotes, got '6'",
        ),
        (
            HEAD + "[demand.age_band_years]\nreason='x'\nvalue='11/2'\n",
            "11/2 is refused: expected a whole number of 1 or more",
        ),
        (
            HEAD + "[etp.ceiling_quantile]\nreason='x'\nvalue='1/3'\n",
            "[etp.ceiling_quantile] the ceiling lies below the median",
        ),
        (
            HEAD
            + "[regional.published_shares]\nreason='x'\nvalue=[{region='06',name='M',shares=3}]",
            "shares are a table",
        ),
        (HEAD + 'sources = "x"\n', "[sources] expected a table, got 'x'"),
        (
            HEAD + "[etp.age_limit]\nvalue = 1e400\nreason = 'x'\n",
            "[etp.age_limit] 1E+400 is refused: expected at most 1e+15",
        ),
        (HEAD + "x = " + "[" * 3000, "cannot be read as TOML"),
        ('id = "mine"\nextends = ["mk-2024"]\n', "is not the id of a methodology"),
        ('id = "mine"\nextends = "mk-1999"\n', "[extends] 'mk-1999': unknown methodology. Known"),
        (HEAD + "[etp.age_limit]\nvalue = 66\nreason = '  '\n", "value 66 has no citation"),
        (HEAD + "[etp.age_limit]\nvalue = 66\nreason = 3\n", "reason is 3, not a text"),
        (
            HEAD
            + "[zoning.imposed]\nreason='x'\nvalue=[{region='06',zone='sous_dotee',reason='y'},"
            "{region='06',zone='intermediaire',reason='y'}]",
            "a region is there twice",
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in refused(tmp_path, text)


def test_a_file_that_extends_itself(tmp_path: Path) -> None:
    said = refused(tmp_path, 'id = "mine"\nextends = "mine.toml"\n')
    assert "[extends] 'mine.toml' extends itself" in said
    (tmp_path / "other.toml").write_text('id = "other"\nextends = "mine.toml"\n')
    with pytest.raises(
        MethodologyError, match=r"other\.toml: .extends. 'mine\.toml' extends itself"
    ):
        load(tmp_path, 'id = "mine"\nextends = "other.toml"\n')


def test_a_text_that_extends_nothing_needs_every_parameter(tmp_path: Path) -> None:
    whole = 'id = "mine"\ntitle = "T"\nprofession = "p"\ndated = 2024-01-01\n'
    assert 'extends = "mk-2024" to take over what is not given' in refused(tmp_path, whole)
