"""The command `apl aids`, as a process."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support import command
from support.command import Done
from support.publications import mayenne
from support.results import write_zones

from apl_engine import write_result
from apl_engine.disclosure_control import publish

CONTRACT = 'contract = "CAMMK"\nsigned = 2025-09-15\ncommune = "72003"\n'
ZONE = 'zone = "tres_sous_dotee"\n'


def apl(*arguments: object) -> Done:
    return command.apl("aids", *arguments)


def one_line(page: str) -> str:
    """Return a page on one line, without the layout of its tables."""
    return " ".join(page.split())


def printed(*arguments: object) -> str:
    done = apl(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def zones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the tables of a result that the command reads."""
    very = [("72334", "Sillé-le-Guillaume"), *((f"7210{n}", f"Commune {n}") for n in range(4))]
    names = ("commune", "name", "territory", "territory_name", "zone")
    communes = [
        ("72003", "Allonnes", "7216", "Mans-7", "intermediaire"),
        *((code, name, code, name, "tres_sous_dotee") for code, name in very),
        ("72200", "Sous", "SD", "Sous", "sous_dotee"),
        ("44109", "Nantes", "44109", "Nantes", "non_prioritaire"),
        ("49002", "Allonnes", "49002", "Allonnes", None),
    ]
    rows = [{"region": "52", **dict(zip(names, row, strict=True))} for row in communes]
    territories = [
        {**{key: row[key] for key in ("region", *names[2:])},
         "population": 1000.0 + n, "apl": 30.0 + n}
        for n, row in enumerate(rows)
    ]  # fmt: skip
    return write_zones(tmp_path_factory.mktemp("zones") / "out", rows, territories)


def contract(folder: Path, text: str) -> Path:
    path = folder / "contract.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_commune(zones: Path) -> None:
    page = one_line(printed("commune", "72334", "--on", "2025-09-15", "--zones", zones))
    for words in (
        "72334 Sillé-le-Guillaume, territory 72334",
        "Zone tres_sous_dotee on 2025-09-15",
        "open: Aides conventionnelles (articles L. 162-12-9 et L. 162-14-1",
        "does not apply: Régulation du conventionnement",
    ):
        assert words in page
    document = json.loads(
        printed("commune", "44109", "--on", "2025-09-15", "--zones", zones, "--json")
    )
    assert document["place"]["zone"] == "non_prioritaire"
    assert [m["opens"] for m in document["measures"]] == [False, False, False, True]


def test_contracts_that_may_be_signed_are_aligned() -> None:
    """The longest title fills its column; two spaces still separate it from the next."""
    page = printed("commune", "--zone", "tres_sous_dotee", "--on", "2025-09-15")
    rows = [re.split(r" {2,}", line.strip()) for line in page.splitlines() if " EUR" in line]
    assert rows[:3] == [
        ["CACCMK", "Contrat d'aide à la création de cabinet", "5 years, up to 49 000 EUR"],
        ["CAIMK", "Contrat d'aide à l'installation", "5 years, up to 34 000 EUR"],
        ["CAMMK", "Contrat d'aide au maintien d'activité",
         "3 years, tacitly renewable, up to 12 000 EUR"],
    ]  # fmt: skip
    years = [line.index(" years") for line in page.splitlines() if " years" in line]
    assert len(set(years[:3])) == 1


def test_a_zone_on_a_day() -> None:
    page = printed("commune", "--zone", "sous_dotee", "--on", "2022-01-31")
    assert "open: Aides conventionnelles" in page
    document = json.loads(
        printed("commune", "--zone", "sous_dotee", "--on", "2025-01-31", "--json")
    )
    assert (document["place"], document["contracts"]) == (None, [])


def faults(*arguments: object) -> list[tuple[str, str | None]]:
    """Return code and key of each fault of input that is refused."""
    done = apl(*arguments, "--json")
    assert done.returncode == 3
    return [(fault["code"], fault.get("key")) for fault in json.loads(done.stdout)["faults"]]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("7200", "72003"),
        ("allonne", "72003 Allonnes"),
        ("zzzz", "01001"),
    ],
)
def test_an_unknown_commune(zones: Path, code: str, words: str) -> None:
    done = apl("commune", code, "--on", "2025-09-15", "--zones", zones)
    assert (done.returncode, done.stdout) == (3, "")
    assert words in done.stderr


def test_a_commune_without_a_zone(zones: Path) -> None:
    arguments = ("commune", "49002", "--on", "2025-09-15", "--zones", zones)
    assert faults(*arguments) == [("aids.no_zone", None)]


def test_an_unknown_zone() -> None:
    assert faults("commune", "--zone", "x", "--on", "2025-01-01") == [("aids.unknown_zone", None)]


def test_a_contract(tmp_path: Path) -> None:
    path = contract(tmp_path, f"{CONTRACT}{ZONE}uplift = true\n")
    page = one_line(printed("contract", path))
    for words in (
        "Contrat d'aide au maintien d'activité (CAMMK), signed 2025-09-15 in tres_sous_dotee",
        "before 2026-04-30 aid 1 183.56",
        "[contrat-cammk] article 2.3: « majorer de 20% soit 800€ euros",
        "all 14 400.00 0.00 14 400.00",
        "Warning: article 3: « renouvelable tacitement ».",
        "2028-09-14 term, last day of the contract",
    ):
        assert words in page
    document = json.loads(printed("contract", path, "--until", "2029-01-01", "--json"))
    assert (document["net"], len(document["terms"])) == ("28800.00", 2)
    assert document["lines"][0]["rule"]["article"].startswith("article 2.2")
    assert {note["code"] for note in document["notes"]} >= {
        "schedule.contradiction",
        "schedule.silent",
    }


def test_a_contract_ended_for_breach(tmp_path: Path) -> None:
    """4 000 x 548/1095 = 2 001.83 and 800 x 548/1095 = 400.37 go back; both readings are shown."""
    text = """
    contract = "CAMMK"
    signed = 2025-01-01
    zone = "tres_sous_dotee"
    uplift = true
    [termination]
    by = "agency"
    on = 2026-07-02
    letter_received = 2026-03-01
    answered = true
    """
    page = one_line(printed("contract", contract(tmp_path, text)))
    for words in (
        "recovery -2 001.83 aid of 4000.00 EUR, for 548 of 1095 days that remained",
        "recovery -400.37 uplift of 800.00 EUR, for 548 of 1095 days",
        "[termination.after_observations] read as kept, the contract would give 4399.63 EUR",
        "[termination.uplift_by_agency] read as kept, the contract would give 2798.17 EUR",
        "by registered letter with acknowledgement of receipt; informed: ARS, CPD",
    ):
        assert words in page


def test_a_contract_whose_acts_are_not_known(tmp_path: Path) -> None:
    text = CONTRACT.replace("CAMMK", "CAIMK") + ZONE
    assert "9 000.00  at most" in printed("contract", contract(tmp_path, text))


def test_the_zone_of_a_contract_is_looked_up(tmp_path: Path, zones: Path) -> None:
    path = contract(tmp_path, CONTRACT.replace("72003", "72334"))
    document = json.loads(printed("contract", path, "--zones", zones, "--json"))
    assert (document["zone"], document["place"]["territory"]) == ("tres_sous_dotee", "72334")
    refused = faults("contract", contract(tmp_path, CONTRACT), "--zones", zones)
    assert refused == [("contract.zone_without_right", "zone")]
    path = contract(tmp_path, CONTRACT.replace('commune = "72003"', ""))
    assert faults("contract", path) == [("contract.zone_unknown", "zone")]
    done = apl("contract", path, "--zones", zones)
    assert done.returncode == 2
    assert "--zones" in done.stderr


def test_a_contract_that_is_refused(tmp_path: Path) -> None:
    path = contract(tmp_path, CONTRACT + 'zone = "intermediaire"\nrpps = "10001234567"\n')
    done = apl("contract", path, "--json")
    assert done.returncode == 3
    assert "10001234567" not in done.stdout + done.stderr
    assert len(json.loads(done.stdout)["faults"]) == 2


def test_an_uplift(zones: Path, tmp_path: Path) -> None:
    page = printed("uplift", zones, "--region", "52")
    assert "Region 52: 1 of 5 zones très sous dotées, 20.00%; at most 20.00%" in page
    assert "72334  Sillé-le-Guillaume" in page
    codes = tmp_path / "list.csv"
    codes.write_text("territory;name\n72101;x\n# none\nSD\n\n72101\n", encoding="utf-8")
    done = apl("uplift", zones, "--region", "52", "--list", codes)
    assert (done.returncode, done.stderr) == (1, "")
    page = done.stdout
    for words in ("the list is permitted: no", "not très sous dotée: SD", "given twice: 72101"):
        assert words in page
    arguments = ("uplift", zones, "--region", "52", "--basis", "population", "--json")
    document = json.loads(printed(*arguments))
    assert (document["allowed"], document["total"], document["used"]) == (True, 5015, 1001)


def test_an_uplift_of_a_publication_is_refused(tmp_path: Path) -> None:
    write_result(publish(mayenne()), tmp_path / "out")
    done = apl("uplift", tmp_path / "out", "--region", "52")
    assert done.returncode == 3
    assert faults("uplift", tmp_path / "out", "--region", "52") == [
        ("result.published_uplift", None)
    ]


def test_a_list_that_does_not_exist(zones: Path, tmp_path: Path) -> None:
    arguments = ("uplift", zones, "--region", "52", "--list", tmp_path / "none.txt")
    assert faults(*arguments) == [("aids.unreadable_list", None)]


def test_a_folder_that_is_no_result(tmp_path: Path) -> None:
    assert faults("uplift", tmp_path, "--region", "52") == [("result.record_missing", None)]


def zoning(folder: Path, zone: str | None, region: str = "52") -> Path:
    """Return a folder with Allonnes in a zone, its territory classed by the agency of a region."""
    own = {"territory": "7216", "territory_name": "Mans-7", "zone": zone}
    communes = [{"commune": "72003", "name": "Allonnes", "region": "52", **own}]
    return write_zones(folder, communes, [{"region": region, **own}])


@pytest.fixture
def zonings(tmp_path: Path) -> tuple[object, ...]:
    """Return the options for three zonings, in the wrong order; that of 2024 is in the rules."""
    years = {"2026": "intermediaire", "2018": "sous_dotee", "2024": "tres_sous_dotee"}
    folders = {year: zoning(tmp_path / f"zones-{year}", zone) for year, zone in years.items()}
    printed("effect", folders["2026"], "52=2026-11-15")
    printed("effect", folders["2018"], "52=2019-01-01")
    return tuple(part for folder in folders.values() for part in ("--zones", folder))


@pytest.mark.parametrize(
    ("on", "zone", "since"),
    [
        ("2019-01-01", "sous_dotee", "2019-01-01"),
        ("2024-10-31", "sous_dotee", "2019-01-01"),
        ("2024-11-01", "tres_sous_dotee", "2024-11-01"),
        ("2026-11-14", "tres_sous_dotee", "2024-11-01"),
        ("2026-11-15", "intermediaire", "2026-11-15"),
        ("2040-01-01", "intermediaire", "2026-11-15"),
    ],
)
def test_the_zoning_in_force_is_chosen(
    zonings: tuple[object, ...], on: str, zone: str, since: str
) -> None:
    document = json.loads(printed("commune", "72003", "--on", on, *zonings, "--json"))
    assert (document["zone"], document["zoning"]["chosen"]["since"]) == (zone, since)


def test_a_page_says_which_zoning_and_why(zonings: tuple[object, ...]) -> None:
    page = one_line(printed("commune", "72003", "--on", "2025-06-01", *zonings))
    for words in (
        "region 52: in force since 2024-11-01 ([urps-pdl] « une date d'entrée en vigueur",
        "until the next order of the same agency [arrete-2024] annexe, VII:",
        "a revision is meant to come by 2026-11-01, for information",
        "zones-2018: replaced on 2024-11-01",
        "zones-2026: not in force before 2026-11-15",
    ):
        assert words in page
    page = one_line(
        printed("install", "72003", "--on", "2025-06-01", "--entered", "2019", *zonings)
    )
    assert "does not apply: the condition is for those who entered the training from 2024" in page
    assert "zones-2018: replaced on 2024-11-01" in page


def test_a_contract_over_several_zonings(tmp_path: Path, zonings: tuple[object, ...]) -> None:
    """Its zone is that of the day of signature; later zonings change it (article 5)."""
    path = contract(tmp_path, 'contract = "CAMMK"\nsigned = 2025-01-01\ncommune = "72003"\n')
    document = json.loads(printed("contract", path, *zonings, "--json"))
    assert document["zone"] == "tres_sous_dotee"
    (left,) = (note for note in document["notes"] if note["code"] == "schedule.zone_left")
    assert (left["details"]["day"], left["details"]["zone"]) == ("2026-11-15", "intermediaire")
    assert document["events"][-1]["what"] == "no renewal: the zone is intermediaire"
    text = path.read_text().replace("2025-01-01", "2024-10-31")
    path.write_text(text + 'zone = "tres_sous_dotee"\n')
    assert faults("contract", path, *zonings) == [("contract.other_zone", "zone")]


def test_days_before_any_zoning(tmp_path: Path, zonings: tuple[object, ...]) -> None:
    for command_line in (
        ("commune", "72003", "--on", "2018-12-31"),
        ("install", "72003", "--on", "2018-12-31"),
        ("contract", contract(tmp_path, CONTRACT.replace("2025-09-15", "2018-12-31"))),
    ):
        assert faults(*command_line, *zonings) == [("aids.before_zonings", None)]
    alone = zonings[-2:]
    assert faults("commune", "72003", "--on", "2024-10-31", *alone) == [
        ("aids.before_zonings", None)
    ]


def test_zonings_without_a_day_of_their_own(tmp_path: Path) -> None:
    """One is taken to be in force; two cannot be told apart, nor two of the same day."""
    a, b = (zoning(tmp_path / name, "sous_dotee", "11") for name in "ab")
    on = ("commune", "72003", "--on", "2024-10-31")
    assert "its day of effect is not known" in one_line(printed(*on, "--zones", a))
    both = (*on, "--zones", a, "--zones", b)
    assert faults(*both) == [("aids.no_day_of_effect", None)] * 2
    for folder in (a, b):
        printed("effect", folder, "11=2024-11-06")
    assert faults(*both) == [("aids.same_day_of_effect", None)]


def test_the_agency_that_classes_the_territory_counts(tmp_path: Path) -> None:
    """Allonnes lies in region 52, but its territory is attributed to 53."""
    folder = zoning(tmp_path / "zones", "sous_dotee", "53")
    page = printed("commune", "72003", "--on", "2024-11-21", "--zones", folder)
    assert "region 53: in force since 2024-11-21" in one_line(page)
    refused = faults("commune", "72003", "--on", "2024-11-20", "--zones", folder)
    assert refused == [("aids.before_zonings", None)]


def test_days_of_effect_are_stated_and_shown(tmp_path: Path) -> None:
    folder = zoning(tmp_path / "zones", "sous_dotee")
    (row,) = json.loads(printed("effect", folder, "--json"))["effects"]
    assert (row["region"], row["since"], row["source"][:10]) == ("52", "2024-11-01", "[urps-pdl]")
    (row,) = json.loads(printed("effect", folder, "52=2025-01-01", "--json"))["effects"]
    assert (row["since"], row["source"]) == ("2025-01-01", "effect.toml")
    assert "2025-01-01" in printed("effect", folder)
    stated = (folder / "effect.toml").read_text()
    for days, code in (
        (("99=2024-01-01",), "aids.unknown_region_of_effect"),
        (("52=1024-01-01",), "value.day_out_of_range"),
    ):
        assert [one for one, _ in faults("effect", folder, *days)] == [code]
    assert (folder / "effect.toml").read_text() == stated
    (folder / "effect.toml").write_text("52 = 'soon'\n99 = 1")
    assert faults("commune", "72003", "--on", "2025-01-01", "--zones", folder) == [
        ("value.not_a_day", "52"),
        ("aids.unknown_region_of_effect", "99"),
        ("value.not_a_day", "99"),
    ]
    (folder / "effect.toml").write_text("52 = ")
    assert faults("effect", folder) == [("aids.unreadable_effect", None)]


def test_an_installation(zones: Path) -> None:
    page = printed("install", "72334", "--zones", zones, "--on", "2028-09-01", "--entered", "2024",
                   "--commits")  # fmt: skip
    assert "Eligible: yes" in page
    assert "commits to the first 2 years in tres_sous_dotee or sous_dotee" in page
    arguments = ("install", "--zone", "non_prioritaire", "--on", "2025-09-15", "--entered", "2019")
    left = ("--departure", "2025-06-30", "--departure-acts", "900")
    assert "Eligible: to be judged by CPD" in printed(*arguments, *left)
    document = json.loads(printed(*arguments, *left, "--taken", "--json"))
    assert (document["eligible"], document["place"]) == ("no", None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("commune", "72003", "--on", "2025-02-29", "--zones", "x"), "'2025-02-29'"),
        (("commune", "72003", "--on", "2025-02-28"), "Give either COMMUNE and --zones OUT, or"),
        (("commune", "72003", "--on", "2025-02-28", "--zone", "x"), "Give either COMMUNE and"),
        (("commune", "--on", "2025-02-28"), "Give either COMMUNE and --zones OUT, or --zone ID"),
        (("install", "--zone", "x", "--on", "2025-02-28", "--taken"), "need --departure"),
        (("uplift", "x"), "Missing option '--region'"),
        (("contract", "x", "--until", "9999-01-01"), "'--until': 9999-01-01 is not between 1990"),
        (("install", "--zone", "x", "--on", "9999-12-31"), "'--on': 9999-12-31 is not between"),
        (("install", "--zone", "x", "--on", "2025-01-01", "--entered", "-5"), "1950<=x<=2199"),
        (("effect", "x", "52"), "'52' is not REGION=DAY; write 52=2024-11-01"),
        (("effect", "x", "52=2024-11-01", "52=2024-11-02"), "region 52 is given twice"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], words: str) -> None:
    done = apl(*arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_the_rules_are_listed(tmp_path: Path) -> None:
    page = printed("rules")
    for words in (
        "? conventional = tres_sous_dotee, from 2023-08-26",
        "  conventional = tres_sous_dotee, sous_dotee, from 2018-02-08",
        "  yearly_amount = 4000 EUR a contract year, from 2018-02-08",
        "  renewable = true, from 2018-02-08",
        "derogations = A vie personnelle du masseur-kinésithérapeute, B offre",
        "https://normandie.paps.sante.fr",
    ):
        assert words in page
    own = tmp_path / "own.toml"
    own.write_text('id = "own"\nextends = "mk"\n', encoding="utf-8")
    document = json.loads(printed("rules", "--rules", own, "--json"))
    assert document["id"] == "own"
    own.write_text("id = 3", encoding="utf-8")
    assert apl("rules", "--rules", own).returncode == 1


def test_all_faults_of_rules_are_shown(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('id = 3\nextends = "mk"\nbonus = 1\n[CAMMK]\nyears = 3\n', encoding="utf-8")
    done = apl("rules", "--rules", own)
    assert (done.returncode, done.stdout) == (1, "")
    for key in ("[id]", "[bonus]", "[CAMMK.years]"):
        assert key in done.stderr


def test_help_has_examples() -> None:
    for words in ("commune", "contract", "uplift", "install", "effect", "rules"):
        assert f"apl aids {words}" in printed(words, "--help")
