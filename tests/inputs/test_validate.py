"""Every kind of bad input, and the words that it is told in."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from support.tables import World, frames, methodology, practitioner, small_world, write_csv

from apl_engine import InputDataError, read_inputs, run

RULES = methodology()


def refused(inputs: object) -> str:
    """Return what is said of the inputs."""
    with pytest.raises(InputDataError) as caught:
        read_inputs(inputs, RULES)  # type: ignore[arg-type]
    return str(caught.value)


def refused_world(change: Callable[[World], object]) -> str:
    world = small_world()
    change(world)
    return refused(frames(world))


def refused_file(folder: Path, name: str, text: str | bytes) -> str:
    write_csv(small_world(), folder)
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return refused(folder)


# --- files ---------------------------------------------------------------------------------------


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "nowhere: does not exist" in refused(tmp_path / "nowhere")


def test_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "tables").write_text("x")
    assert "tables: is a file, not a folder. Give the folder that holds the tables." in refused(
        tmp_path / "tables"
    )


def test_missing_file(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    (tmp_path / "travel_times.csv").unlink()
    said = refused(tmp_path)
    assert "travel_times: the file is missing. Add travel_times.parquet, travel_times.csv" in said


def test_missing_file_with_a_look_alike(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    (tmp_path / "communes.csv").rename(tmp_path / "communes.xlsx")
    assert "communes.xlsx is of no format that is read" in refused(tmp_path)


def test_two_files_of_one_table(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    frames(small_world())["communes"].write_parquet(tmp_path / "communes.parquet")
    said = refused(tmp_path)
    assert "several files hold this table: communes.parquet, communes.csv. Keep one" in said


def test_empty_file(tmp_path: Path) -> None:
    said = refused_file(tmp_path, "population.csv", "")
    assert "population: population.csv is empty (0 bytes). Export it again." in said


def test_header_without_rows(tmp_path: Path) -> None:
    said = refused_file(tmp_path, "population.csv", "commune,age_band,population\n")
    assert "population: the table has no row" in said


@pytest.mark.parametrize(
    ("separator", "words"), [("\t", "tabulations"), ("|", "vertical bars"), (":", "colons")]
)
def test_wrong_separator(tmp_path: Path, separator: str, words: str) -> None:
    text = separator.join(["origin", "destination", "minutes"]) + "\n"
    said = refused_file(tmp_path, "travel_times.csv", text)
    assert f"the columns of travel_times.csv are separated by {words}" in said
    assert "Separate columns by , or ;." in said


def test_names_that_are_a_publisher_s(tmp_path: Path) -> None:
    said = refused_file(tmp_path, "travel_times.csv", "idSrc;idDst;duree;distance\n")
    assert "column 'minutes': the column is missing. It has idSrc, idDst, duree, distance." in said


def test_single_column(tmp_path: Path) -> None:
    said = refused_file(tmp_path, "travel_times.csv", "minutes and more\n3\n")
    assert "travel_times.csv has a single column: 'minutes and more'" in said


def test_folder_in_place_of_a_file(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    (tmp_path / "communes.csv").unlink()
    (tmp_path / "communes.csv").mkdir()
    assert "communes.csv is a folder. Give the file itself." in refused(tmp_path)


def test_parquet_cut_in_half(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    (tmp_path / "communes.csv").unlink()
    path = tmp_path / "communes.parquet"
    frames(small_world())["communes"].write_parquet(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    said = refused(tmp_path)
    assert "communes: communes.parquet cannot be read as Parquet" in said
    assert "may be cut short" in said


def test_parquet_with_damaged_pages(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    (tmp_path / "communes.csv").unlink()
    path = tmp_path / "communes.parquet"
    frames(small_world())["communes"].write_parquet(path)
    content = bytearray(path.read_bytes())
    content[4:120] = bytes(116)
    path.write_bytes(content)
    assert "communes: communes.parquet cannot be read as Parquet" in refused(tmp_path)


def test_gzip_cut_short(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    content = gzip.compress((tmp_path / "travel_times.csv").read_bytes())
    (tmp_path / "travel_times.csv").unlink()
    (tmp_path / "travel_times.csv.gz").write_bytes(content[: len(content) // 2])
    assert "travel_times.csv.gz cannot be read as CSV" in refused(tmp_path)


def test_not_utf8(tmp_path: Path) -> None:
    text = (
        "commune,name,region,territory,territory_name\n01001,Bény,84,T1,T\n01002,Bény,84,T1,T\n"
        "2A004,Ajaccio,94,T1,T\n75101,Paris,11,T1,T\n"
    )
    said = refused_file(tmp_path, "communes.csv", text.encode("latin-1"))
    assert "It is not in UTF-8: save it again as CSV UTF-8." in said


# --- columns -------------------------------------------------------------------------------------


def test_missing_column() -> None:
    tables = frames(small_world())
    tables["practitioners"] = tables["practitioners"].drop("fees")
    said = refused(tables)
    assert "practitioners, column 'fees': the column is missing" in said
    assert "It has practitioner_id, commune, age, acts, newly_installed." in said


def test_column_twice(tmp_path: Path) -> None:
    said = refused_file(tmp_path, "consumption.csv", "age_band,fees,fees\n00-04,1,2\n")
    assert "consumption, column 'fees': consumption.csv has the column 'fees' twice" in said


def test_neither_age_nor_birth_date() -> None:
    tables = frames(small_world())
    tables["practitioners"] = tables["practitioners"].drop("age")
    assert "practitioners: none of the columns age, birth_date" in refused(tables)


def test_age_and_birth_date() -> None:
    tables = frames(small_world())
    tables["practitioners"] = tables["practitioners"].with_columns(birth_date=pl.date(1980, 1, 1))
    assert "only one may be there of the columns age, birth_date" in refused(tables)


def test_text_where_numbers_belong(tmp_path: Path) -> None:
    said = refused_file(
        tmp_path, "travel_times.csv", "origin,destination,minutes\n01001,01002,ten\n01002,01001,9\n"
    )
    assert "travel_times, column 'minutes': not a number (1 row; row 1; value 'ten')" in said


def test_no_value(tmp_path: Path) -> None:
    said = refused_file(
        tmp_path, "travel_times.csv", "origin,destination,minutes\n01001,01002,\n01002,01001,9\n"
    )
    assert "travel_times, column 'minutes': no value (1 row; row 1)" in said


def test_codes_read_as_numbers() -> None:
    tables = frames(small_world())
    tables["communes"] = tables["communes"].with_columns(commune=pl.Series([1001, 1002, 3, 4]))
    said = refused(tables)
    assert "communes, column 'commune': codes were read as numbers (Int64)" in said
    assert "Read it as text: '01001' is not 1001." in said


def test_codes_that_lost_their_zero() -> None:
    def change(world: World) -> None:
        world["travel_times"][0]["origin"] = "1001"

    said = refused_world(change)
    assert "travel_times, column 'origin': commune codes have lost their first zero" in said
    assert "(1 row; row 1; value '1001'). Read the column as text" in said


def test_number_in_place_of_text() -> None:
    tables = frames(small_world())
    tables["communes"] = tables["communes"].with_columns(name=pl.Series([1, 2, 3, 4]))
    assert "communes, column 'name': text is expected, got Int64" in refused(tables)


def test_flag_in_place_of_a_number() -> None:
    tables = frames(small_world())
    tables["practitioners"] = tables["practitioners"].with_columns(acts=pl.lit(True))
    assert "practitioners, column 'acts': a number is expected, got Boolean" in refused(tables)


# --- values --------------------------------------------------------------------------------------

NUMBERS = [
    ("practitioners", "acts"),
    ("practitioners", "fees"),
    ("population", "population"),
    ("consumption", "fees"),
    ("travel_times", "minutes"),
]


@pytest.mark.parametrize(("table", "column"), NUMBERS)
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "NaN is not a value"),
        (float("inf"), "infinite values"),
        (-999999.0, "negative values"),
    ],
)
def test_impossible_numbers(table: str, column: str, value: float, words: str) -> None:
    def change(world: World) -> None:
        world[table][1][column] = value

    assert f"{table}, column '{column}': {words} (1 row; row 2" in refused_world(change)


def test_uncomputed_pairs_of_metric_are_named() -> None:
    def change(world: World) -> None:
        world["travel_times"][2]["minutes"] = -999999.0

    said = refused_world(change)
    assert "value '-999999.0'). METRIC writes -999999 for a pair it did not compute" in said


@pytest.mark.parametrize(("age", "words"), [(0, "below 18"), (-1, "below 18"), (200, "above 110")])
def test_impossible_ages(age: int, words: str) -> None:
    def change(world: World) -> None:
        world["practitioners"][0]["age"] = age

    said = refused_world(change)
    assert f"practitioners, column 'age': {words} (1 row; row 1)" in said


def test_age_that_is_not_whole() -> None:
    tables = frames(small_world())
    tables["practitioners"] = tables["practitioners"].with_columns(age=pl.lit(40.5))
    assert "practitioners, column 'age': not a whole number (6 rows" in refused(tables)


def test_birth_date_out_of_range() -> None:
    tables = frames(small_world())
    born = pl.date(2020, 1, 1)
    tables["practitioners"] = tables["practitioners"].drop("age").with_columns(birth_date=born)
    said = refused(tables)
    assert "column 'birth_date': ages on the reference date outside 18 to 110 (6 rows" in said


def test_birth_date_that_is_none(tmp_path: Path) -> None:
    text = "practitioner_id,commune,birth_date,acts,fees,newly_installed\np,01001,1/2/80,1,1,0\n"
    said = refused_file(tmp_path, "practitioners.csv", text)
    assert "column 'birth_date': not a date (1 row; row 1). Write 1980-12-31." in said


def test_flag_that_is_none(tmp_path: Path) -> None:
    text = "practitioner_id,commune,age,acts,fees,newly_installed\np,01001,40,1,1,maybe\n"
    said = refused_file(tmp_path, "practitioners.csv", text)
    assert "column 'newly_installed': neither true nor false (1 row; row 1)" in said


def test_number_as_flag_that_is_none() -> None:
    tables = frames(small_world())
    tables["practitioners"] = tables["practitioners"].with_columns(newly_installed=pl.lit(2))
    assert "column 'newly_installed': neither true nor false (6 rows" in refused(tables)


def test_unknown_communes() -> None:
    def change(world: World) -> None:
        world["travel_times"][0]["origin"] = "33063"
        world["travel_times"][1]["destination"] = "33064"
        world["practitioners"][0]["commune"] = "33065"
        world["population"][0]["commune"] = "33066"

    said = refused_world(change)
    assert "travel_times, column 'origin': unknown communes, absent from the table" in said
    assert "travel_times, column 'destination': unknown communes" in said
    assert "practitioners, column 'commune': unknown communes" in said
    assert "population, column 'commune': unknown communes" in said
    assert "value '33063'). Both must be of one vintage" in said


def test_codes_that_are_none() -> None:
    def change(world: World) -> None:
        world["travel_times"][0]["origin"] = "2a004"

    said = refused_world(change)
    assert "commune codes in small letters (1 row; row 1; value '2a004'). Write 2A004" in said


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("01001 ", "commune codes with spaces around them (1 row; row 1; value '01001 '). Remove"),
        ("'01001", 'not a commune code of five characters (1 row; row 1; value "\'01001")'),
        ("1001.0", "not a commune code of five characters (1 row; row 1; value '1001.0'). Write"),
    ],
)
def test_codes_with_something_around_them(code: str, words: str) -> None:
    def change(world: World) -> None:
        world["travel_times"][0]["origin"] = code

    assert words in refused_world(change)


def test_commune_without_territory_or_region() -> None:
    def change(world: World) -> None:
        world["communes"][0]["territory"] = None
        world["communes"][1]["region"] = None

    said = refused_world(change)
    assert "communes, column 'territory': no value (1 row; row 1)" in said
    assert "communes, column 'region': no value (1 row; row 2)" in said


def test_region_that_is_no_code() -> None:
    def change(world: World) -> None:
        world["communes"][0]["region"] = "1"

    said = refused_world(change)
    assert "communes, column 'region': not a region code of two characters, such as 52" in said


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("practitioners", "the same practitioner_id and commune stands in several rows"),
        (
            "population",
            "the same commune and age_band stands in several rows (2 rows; rows 1, 13; ",
        ),
        ("consumption", "the same age_band stands in several rows (2 rows; rows 1, 4; "),
        ("travel_times", "the same origin and destination stands in several rows"),
        ("communes", "the same commune stands in several rows (2 rows; rows 1, 5; value '01001')"),
    ],
)
def test_duplicates(table: str, words: str) -> None:
    def change(world: World) -> None:
        world[table].append(dict(world[table][0]))

    said = refused_world(change)
    assert words in said
    adds_up = table in ("practitioners", "population")
    assert ("Keep one, or add them up." if adds_up else "Keep one.") in said


def test_practitioner_with_two_ages() -> None:
    def change(world: World) -> None:
        world["practitioners"][2]["age"] = 50

    said = refused_world(change)
    assert "column 'age': 1 practitioners have rows that disagree on it (2 rows" in said


# --- bands ---------------------------------------------------------------------------------------


def with_bands(*bands: str) -> str:
    world = small_world()
    world["consumption"] = [{"age_band": band, "fees": 1.0} for band in bands]
    return refused(frames(world))


def test_bands_that_overlap() -> None:
    assert "age bands overlap: 04-08 stands after 00-04" in with_bands("00-04", "04-08", "09+")


def test_bands_that_leave_a_gap() -> None:
    assert "age bands leave a gap: 10-14 stands after 00-04" in with_bands("00-04", "10-14", "15+")


def test_bands_that_begin_late() -> None:
    assert "age bands leave a gap: 05-09 stands before the first" in with_bands("05-09", "10+")


def test_bands_of_another_width() -> None:
    assert "age band 00-09 is not 5 years wide" in with_bands("00-09", "10+")


def test_bands_without_end() -> None:
    assert "the last age band, 05-09, is not open" in with_bands("00-04", "05-09")


def test_bands_after_the_open_one() -> None:
    assert "age bands overlap: 05-09 stands after 00+" in with_bands("00+", "05-09")


def test_bands_that_differ_between_tables() -> None:
    said = with_bands("00-04", "05-09", "10-14", "15+")
    assert "population, column 'age_band': age bands that consumption does not have: 10+" in said
    assert "consumption, column 'age_band': age bands that population does not have: 10-14" in said


def test_band_that_is_none() -> None:
    def change(world: World) -> None:
        world["population"][0]["age_band"] = "young"

    said = refused_world(change)
    assert "population, column 'age_band': not an age band (1 row; row 1; value 'young')" in said


# --- tables together -----------------------------------------------------------------------------


def test_commune_without_population() -> None:
    def change(world: World) -> None:
        world["population"] = [r for r in world["population"] if r["commune"] != "75101"]

    said = refused_world(change)
    assert "population: 1 communes of the table communes have no row here (value '75101')" in said
    assert "Add them, with population 0 where nobody lives." in said


def test_people_by_age_are_held_against_the_legal_populations() -> None:
    def legally(*shares: float) -> dict[str, pl.DataFrame]:
        tables = frames(small_world())
        people = tables["population"].group_by("commune").agg(pl.col("population").sum())
        shared = people.sort("commune").with_columns(
            pl.col("population") * pl.Series(shares, dtype=pl.Float64)
        )
        return tables | {"communes": tables["communes"].join(shared, on="commune")}

    def said(*shares: float) -> str:
        return " ".join(map(str, run(legally(*shares)).warnings))

    for share in (1000.0, 0.001):
        assert re.search(
            r"population, column 'population': \d+ people by age, \d+ by the column",
            refused(legally(*[share] * 4)),
        )
    assert "people" not in said(1.04, 1.04, 1.04, 1.04)
    assert "are both whole, and of about the same year?" in said(1.06, 1.06, 1.06, 1.06)
    assert "with twice, or half, the people of the table communes: 2A004" in said(1, 1, 2.5, 1)


def test_nobody_lives_anywhere() -> None:
    def change(world: World) -> None:
        for row in world["population"]:
            row["population"] = 0.0

    assert "nobody lives anywhere: every population is 0" in refused_world(change)


def test_no_fees_at_all() -> None:
    def change(world: World) -> None:
        for row in world["consumption"]:
            row["fees"] = 0.0

    assert "no demand: the fees of every band are 0" in refused_world(change)


def test_fees_where_nobody_lives() -> None:
    def change(world: World) -> None:
        for row in world["population"]:
            row["population"] *= row["age_band"] != "10+"

    assert "fees in age bands where nobody lives: 10+" in refused_world(change)


def test_no_practitioner_left() -> None:
    world = small_world()
    world["practitioners"] = [practitioner("p", "01001", age=70)]
    with pytest.raises(InputDataError, match="no practitioner is left to take the median over"):
        run(frames(world))


def test_median_of_nothing() -> None:
    world = small_world()
    world["practitioners"] = [practitioner("p", "01001", acts=0)]
    with pytest.raises(InputDataError, match="the median of acts is 0"):
        run(frames(world))


def test_minutes_that_are_seconds_are_warned_of() -> None:
    world = small_world()
    for row in world["travel_times"]:
        row["minutes"] *= 60
    warnings = run(frames(world)).warnings
    assert any("are these seconds, not minutes?" in str(note) for note in warnings)
    assert not any(note.code == "unit_of_minutes" for note in run(frames(small_world())).warnings)


# --- the library's own ways in -------------------------------------------------------------------


def test_table_of_an_unknown_name() -> None:
    said = refused({**frames(small_world()), "comunes": pl.DataFrame()})
    assert "comunes: is no table of ours. Tables: communes, practitioners" in said


def test_missing_table() -> None:
    tables = frames(small_world())
    del tables["population"]
    assert "population: the table is missing. Give a file or a frame for it." in refused(tables)


def test_object_that_is_no_table() -> None:
    said = refused({**frames(small_world()), "population": object()})
    assert "population: the object cannot be read as a table" in said


def test_path_of_no_known_format(tmp_path: Path) -> None:
    path = tmp_path / "population.xlsx"
    path.write_text("x")
    said = refused({**frames(small_world()), "population": path})
    assert "population.xlsx is of no format that is read. Known endings: .parquet" in said


def test_path_that_is_not_there(tmp_path: Path) -> None:
    said = refused({**frames(small_world()), "population": tmp_path / "population.csv"})
    assert "population.csv cannot be opened (No such file or directory)" in said


# --- promises ------------------------------------------------------------------------------------


def test_all_faults_at_once(tmp_path: Path) -> None:
    world = small_world()
    world["practitioners"][0]["acts"] = -1
    world["consumption"][0]["fees"] = float("nan")
    world["communes"][0]["region"] = "1"
    write_csv(world, tmp_path)
    (tmp_path / "travel_times.csv").unlink()
    said = refused(tmp_path)
    assert said.startswith("4 faults in the input; nothing was computed.")
    for table in ("practitioners", "consumption", "communes", "travel_times"):
        assert f"  - {table}" in said


def test_no_value_of_a_practitioner_is_told() -> None:
    """Neither identifiers nor activity, whatever is wrong with their rows."""
    world = small_world()
    secret = practitioner("SECRET-ID", "01001", acts=-77_777, fees=-88_888, age=7)
    world["practitioners"] += [secret, dict(secret), practitioner("", "01001")]
    said = refused(frames(world))
    assert "practitioners" in said
    for word in ("SECRET", "77777", "77_777", "88888", "'7'"):
        assert word not in said


# --- habits of spreadsheets and of other programs ------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\n", "travel_times.csv begins with an empty line. Its first line must name the columns."),
        ("sep=,\norigin,destination,minutes\n", "begins with a line for Excel, 'sep='"),
        (b"\x1f\x8b\x08\x00\x00", "travel_times.csv is no CSV text in UTF-8"),
        ("origin,minutes\n".encode("utf-16"), "travel_times.csv is no CSV text in UTF-8"),
        ("ORIGIN,destination,minutes\n01001,01002,3\n", "Rename the column 'ORIGIN'."),
        ("a,b\n1,2\n", "column 'origin': the column is missing. It has a, b."),
        (
            "origin,destination,minutes\n01001,01002,1,5\n",
            "A row has more fields than the header: quote values that hold the separator.",
        ),
        (
            "origin,destination,minutes,road\n01001,01002,1,A6,A7\n",
            "A row has more fields than the header: quote values that hold the separator.",
        ),
        (
            'origin,destination,minutes\n01001,"01002,3\n01002,01001,4\n',
            "A quotation mark may stand alone somewhere",
        ),
    ],
)
def test_files_that_spreadsheets_make(tmp_path: Path, text: str | bytes, words: str) -> None:
    assert words in refused_file(tmp_path, "travel_times.csv", text)


def test_values_too_large_to_be_true() -> None:
    for table, column in NUMBERS:
        world = small_world()
        world[table][0][column] = 1e308
        said = refused(frames(world))
        assert f"{table}, column '{column}': above" in said
        assert "Check the unit" in said


def test_words_for_no_value_are_no_territory() -> None:
    def change(world: World) -> None:
        world["communes"][0]["territory"] = "nan"

    assert "column 'territory': no value (1 row; row 1; value 'nan')" in refused_world(change)


def test_spaces_around_territories_and_identifiers_do_not_matter() -> None:
    world = small_world()
    world["communes"][0]["territory"] = "T1 "
    world["practitioners"][2]["practitioner_id"] = " p3"
    found, usual = run(frames(world)), run(frames(small_world()))
    assert found.territories.equals(usual.territories)


def test_every_table_is_judged_where_the_communes_are_wrong() -> None:
    def change(world: World) -> None:
        for table, column in (
            ("communes", "commune"),
            ("population", "commune"),
            ("practitioners", "commune"),
            ("travel_times", "origin"),
        ):
            for row in world[table]:
                row[column] = row[column].replace("01001", "1001")

    said = refused_world(change)
    assert said.startswith("4 faults in the input")
    assert said.count("commune codes have lost their first zero") == 4
    assert "unknown communes" not in said


def test_no_people_and_no_fees_are_both_told() -> None:
    def change(world: World) -> None:
        for row in [*world["population"], *world["consumption"]]:
            row["population" if "commune" in row else "fees"] = 0.0

    assert "2 faults in the input" in refused_world(change)


def warned(change: Callable[[World], object]) -> str:
    world = small_world()
    change(world)
    return " ".join(map(str, run(frames(world)).warnings))


def test_hours_fees_in_cents_and_whole_cities_are_warned_of() -> None:
    def hours(world: World) -> None:
        for row in world["travel_times"]:
            row["minutes"] /= 60

    def cents(world: World) -> None:
        for row in world["practitioners"]:
            row["fees"] *= 100

    def paris(world: World) -> None:
        for rows in world.values():
            for row in rows:
                row.update({k: "75056" for k, v in row.items() if v == "75101"})

    assert "are these hours, not minutes?" in warned(hours)
    assert "EUR an act on average: are fees in euros" in warned(cents)
    assert "cities that go by arrondissement municipal are there whole: 75056" in warned(paris)


@pytest.mark.parametrize("inputs", [None, [], b"x", 3, pl.DataFrame()])
def test_inputs_that_are_none(inputs: object) -> None:
    assert "is neither a folder nor a mapping of tables" in refused(inputs)


def test_lazy_frames_that_cannot_be_read(tmp_path: Path) -> None:
    tables: dict[str, object] = dict(frames(small_world()))
    tables["travel_times"] = pl.scan_parquet(tmp_path / "nowhere.parquet")
    assert "travel_times: the LazyFrame cannot be read as a table" in refused(tables)


def test_name_too_long_for_a_folder() -> None:
    assert "does not exist. Give the folder that holds the tables." in refused("a" * 5000)


PERSON = "SECRET-ID,01001,41,3111,50777,false"
HEADER = "practitioner_id,commune,age,acts,fees,newly_installed"


@pytest.mark.parametrize(
    "text",
    [
        f"{PERSON}\n{PERSON}\n",
        f"{PERSON}\n".replace(",", ";") * 2,
        f"{PERSON}\n".replace(",", "\t"),
        f'{HEADER}\n{PERSON}\n"{PERSON}\n',
        f"{HEADER}\r{PERSON}\r",
        f"register of {PERSON}\n{HEADER}\n{PERSON}\n",
        "commune,practitioner_id,age,acts,fees,newly_installed\n" + f"{PERSON}\n" * 3,
        "practitioner_id,age,commune,acts,fees,newly_installed\n" + f"{PERSON}\n" * 3,
        f"{HEADER},SECRET-ID\n{PERSON},1\n",
        f"{HEADER}\n{PERSON},9\n",
        f"{HEADER}\n{PERSON}\n".replace("3111", "x3111x"),
    ],
)
def test_no_file_of_practitioners_is_quoted(tmp_path: Path, text: str) -> None:
    """Whatever its layout, no cell of it comes out in what is said."""
    write_csv(small_world(), tmp_path)
    (tmp_path / "practitioners.csv").write_text(text)
    try:
        said = " ".join(map(str, read_inputs(tmp_path, RULES).notes))
    except InputDataError as error:
        said = str(error)
    for word in ("SECRET", "3111", "50777", "'41'"):
        assert word not in said
