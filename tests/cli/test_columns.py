"""``--column``: on every command that reads a table, and as the messages say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import polars as pl
import pytest
from click.testing import CliRunner
from support.tables import small_world, write_csv

from apl_engine import run, write_result
from apl_engine.cli import main
from apl_engine.messages import subject_messages

CATALOGUE = Path(__file__).parents[2] / "apl_engine" / "messages" / "en"
# An option in a message, and the command that a message may name before it.
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
MOVEMENTS = "MOD,DATE_EFF,AV_TYPE,COM_AV,LIBELLE_AV,TYPECOM_AP,COM_AP,LIBELLE_AP\n"
EVENT = "32,2022-01-01,COM,{0},Un,COM,{1},Deux\n"


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, by its whole name."""

    def below(name: str, group: click.Command) -> Iterator[tuple[str, click.Command]]:
        if isinstance(group, click.Group):
            context = click.Context(group)
            for one in group.list_commands(context):
                command = group.get_command(context, one)
                assert command is not None
                yield from below(f"{name} {one}".strip(), command)
        if not isinstance(group, click.Group) or group.invoke_without_command:
            yield name, group

    yield from below("", main)


COMMANDS = dict(commands())


def options_of(command: click.Command) -> set[str]:
    return {name for option in command.params for name in (*option.opts, *option.secondary_opts)}


# The tables that a command reads, by the option or argument that takes them.
READS = {
    "aids commune": (), "aids contract": (), "aids effect": (), "aids install": (),
    "aids rules": (), "aids uplift": (), "demo": (), "methodologies": (), "methodologies list": (),
    "methodologies show": (), "network show": (), "region": (), "region apply": (),
    "region check": (), "region propose": (), "region show": (), "report figures": (),
    "warmup": (),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_reads_a_table_takes_column(name: str) -> None:
    reads = name not in READS
    assert ("--column" in options_of(COMMANDS[name])) == reads


def test_an_option_that_a_message_names_exists() -> None:
    every = {option for command in COMMANDS.values() for option in options_of(command)}
    for path in CATALOGUE.glob("*.toml"):
        for kind, parts in subject_messages(path.stem).items():
            named = set(OPTION.findall(" ".join(parts.values())))
            # The last is OSRM's own.
            assert named - {"--max-table-size"} <= every, (path.stem, kind)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of tables, their result, and both under other names."""
    folder = tmp_path_factory.mktemp("columns")
    tables = small_world()
    write_csv(tables, folder / "usual")
    others = {
        "practitioners": {"acts": "NB_ACTES", "commune": "COM"},
        "population": {"commune": "CODGEO", "population": "POP"},
        "travel_times": {"minutes": "TPS"},
        "communes": {"territory": "TERR"},
        "consumption": {},
    }
    (folder / "other").mkdir()
    for name, names in others.items():
        table = pl.read_csv(folder / "usual" / f"{name}.csv", infer_schema=False)
        table.rename(names).write_csv(folder / "other" / f"{name}.csv")
    write_result(run(folder / "usual"), folder / "out")
    event = EVENT.format(*(row["commune"] for row in tables["communes"][:2]))
    (folder / "movements.csv").write_text(MOVEMENTS + event)
    (folder / "units.csv").write_text("UNITE,PMUN17\n01301,40000\n")
    (folder / "mesh.csv").write_text(
        "CODGEO,LIBGEO,DEP,REG,ZONE_CANTON,UU2020,BV2022,PMUN21\n"
        "53130,Laval,53,52,5398,53301,53130,49573\n53012,Arquenay,53,52,5311,53000,53130,700\n"
    )
    (folder / "apl.csv").write_text("CODGEO,LIBGEO,INDICE,POP,POPSTAND\n53130,Laval,80,9,9\n")
    (folder / "bands.csv").write_text("CODGEO,TRANCHE,HABITANTS\n53130,0-4,5\n")
    (folder / "pairs.csv").write_text("depart,arrivee,cout\nun,deux,x\n")
    (folder / "points.csv").write_text("CODGEO,haut,lon\n53130,48,-0.7\n")
    square = [[[0, 47], [1, 47], [1, 48], [0, 48], [0, 47]]]
    area = {"type": "Feature", "properties": {"which": "53130"},
            "geometry": {"type": "Polygon", "coordinates": square}}  # fmt: skip
    areas = {"type": "FeatureCollection", "features": [area]}
    (folder / "areas.geojson").write_text(json.dumps(areas))
    (folder / "zones.csv").write_text("CODGEO,LIBGEO,NOTE\n53130,Laval,4\n")
    (folder / "list.csv").write_text("CODGEO,LIBGEO,TERR\n53130,Laval,53130\n")
    (folder / "acts.csv").write_text("PFS_EXE_NUM,COM,EXE_SOI_DTD,AGE,HON\nA,53130,202101,5,9\n")
    (folder / "fnps.csv").write_text("QUI,NE,INSTALLE\nA,1980-01-01,2010-01-01\n")
    (folder / "draws.csv").write_text("INSEE,one\n53130,1\n")
    (folder / "contracts.csv").write_text("INSEE,contract,signed\n53130,CACCMK,2024-01-01\n")
    return folder


CALLS = {
    "check": "check other",
    "run": "run other -o new",
    "sweep": "sweep other -m mk-2024",
    "what-if": "what-if other --change 01001=1",
    "scenarios of tables": "scenarios other draws.csv -o new",
    "scenarios": "scenarios usual draws.csv -o new",
    "network build": "network build other -o new.aplnet",
    "explain": "explain out 01001 --inputs other",
    "explain movements": "explain out 01001 --movements movements.csv --to 2023",
    "margins": "margins out --inputs other",
    "compare": "compare out out --inputs-a other",
    "compare contracts": "compare out out --contracts contracts.csv",
    "compare movements": "compare out out --movements movements.csv --vintage-a 2021 "
    "--vintage-b 2022",
    "compare official": "compare out --official zones.csv",
    "mesh": "mesh mesh.csv",
    "mesh movements": "mesh mesh.csv --movements movements.csv --to 2023",
    "mesh units": "mesh mesh.csv --urban-units units.csv",
    "zone mesh": "zone apl.csv --mesh mesh.csv -o new",
    "zone": "zone apl.csv --mesh usual/communes.csv -o new",
    "import mesh": "import mesh mesh.csv -o new",
    "import movements": "import mesh mesh.csv -o new --movements movements.csv --to 2023",
    "import population": "import population bands.csv -o new",
    "import distancier": "import distancier pairs.csv -o new",
    "import activity": "import activity acts.csv --register fnps.csv -o new",
    "import apl": "import apl apl.csv -o new",
    "import zoning": "import zoning zones.csv -o new",
    "import territories": "import territories list.csv -o new",
    "travel-times estimate": "travel-times estimate points.csv -o new",
    "region annex": "region annex out --region 84 --internal --boundaries areas.geojson -o new",
    "map": "map out --internal --boundaries areas.geojson -o new.png",
}


@pytest.mark.parametrize("call", CALLS)
def test_the_options_of_a_message_exist_on_the_command_that_prints_it(
    call: str, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world)
    words = CALLS[call].split()
    name = next(
        name for name in sorted(COMMANDS, key=len, reverse=True)
        if words[: len(name.split())] == name.split()
    )  # fmt: skip
    done = CliRunner().invoke(main, words)
    assert done.exit_code in (1, 3), done.output
    assert "--column" in done.output
    assert set(OPTION.findall(done.output)) <= options_of(COMMANDS[name]), done.output
    # The syntax that a message prints is accepted: only the column may still be wrong.
    for ours in set(re.findall(r"--column '?([\w.]+)=", done.output)) - {"OURS"}:
        again = CliRunner().invoke(main, [*words, "--column", f"{ours}=no such column"])
        assert again.exit_code in (1, 3), again.output
        assert "not a name that --column takes" not in again.output


NAMES = {
    "practitioners.acts": "NB_ACTES",
    "practitioners.commune": "COM",
    "population.commune": "CODGEO",
    "population.population": "POP",
    "minutes": "TPS",
    "territory": "TERR",
}


def test_tables_under_other_names_give_the_same_result(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world)
    given = [word for pair in NAMES.items() for word in ("--column", "=".join(pair))]
    done = CliRunner().invoke(main, ["run", "other", "-o", str(tmp_path / "named"), *given])
    assert done.exit_code == 0, done.output
    for name in ("communes", "territories", "regions"):
        one, two = (f / f"{name}.parquet" for f in (world / "out", tmp_path / "named"))
        assert pl.read_parquet(one).equals(pl.read_parquet(two))
    # What reads the inputs of the result again knows their names from its record.
    record = json.loads((tmp_path / "named" / "record.json").read_text("utf-8"))
    columns = {entry["table"]: entry.get("columns") for entry in record["inputs"]}
    assert columns["practitioners"] == {"acts": "NB_ACTES", "commune": "COM"}
    assert columns["consumption"] is None
    code = pl.read_parquet(tmp_path / "named" / "communes.parquet")["commune"][0]
    done = CliRunner().invoke(main, ["explain", str(tmp_path / "named"), code, "--json"])
    assert done.exit_code == 0, done.output
    assert not json.loads(done.output).get("missing")
    assert CliRunner().invoke(main, ["check", "other", *given]).exit_code == 0
    built = ["network", "build", "other", "-o", str(tmp_path / "n.aplnet")]
    assert CliRunner().invoke(main, [*built, "--column", "minutes=TPS"]).exit_code == 0


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("minute=TPS", "source_file.unknown_field"),
        ("minutes=TMPS", "source_file.no_such_column"),
        ("TPS=minutes", "source_file.names_exchanged"),
    ],
)
def test_a_name_that_is_of_no_use_is_refused(
    name: str, code: str, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world)
    done = CliRunner().invoke(main, ["check", "usual", "--json", "--column", name])
    assert done.exit_code == 3
    assert [f["code"] for f in json.loads(done.stdout)["faults"]] == [code]
    # A name must be given once, and for one column.
    assert CliRunner().invoke(main, ["check", "usual", "--column", "minutes"]).exit_code == 2


def test_columns_of_a_table_that_cannot_be_opened_are_not_said_to_be_missing(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world)
    (world / "other" / "consumption.csv").write_bytes(b"")
    done = CliRunner().invoke(main, ["check", "other", "--json", "--column", "fees=DEPENSES"])
    codes = [f["code"] for f in json.loads(done.stdout)["faults"]]
    assert "consumption.empty_file" in codes
    assert "source_file.no_such_column" not in codes


def test_a_mesh_whose_canton_has_another_name(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world)
    done = CliRunner().invoke(main, ["mesh", "mesh.csv", "--column", "canton=ZONE_CANTON"])
    assert done.exit_code == 0, done.output
