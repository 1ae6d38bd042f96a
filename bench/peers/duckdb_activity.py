"""The two tables of activity files as DuckDB queries, without checks or record.

``python duckdb_activity.py FOLDER [--as WAY] [--write OUT]`` reads FOLDER/prestations/*.parquet and
FOLDER/register.parquet, of the columns that `bench/activity.py` writes, and makes practitioners
and consumption of 2022 in tables in memory.

Ways: ``sets`` groups once by grouping sets; ``two`` runs two queries, which read the files twice;
``once`` groups by practitioner, commune and band, and sums that twice. Seconds on 100 million rows
with two cores under other load, best of two: 19.6, 27.9 and 25.5.
"""

import argparse
from pathlib import Path

import duckdb

ROWS = """
    select practitioner_id, commune, least(age // 5, 19) as band, acts, fees
    from read_parquet('{folder}/prestations/*.parquet') where month between 202201 and 202212
"""
SUMS = "sum(acts)::double as acts, sum(fees) as fees"
WAYS = {
    "sets": [
        f"create temp table sums as select practitioner_id, commune, band, {SUMS} from ({{rows}}) "
        "group by grouping sets ((practitioner_id, commune), (band))",
        "create temp view practices as from sums where practitioner_id is not null",
        "create temp view bands as from sums where practitioner_id is null",
    ],
    "two": [
        f"create temp table practices as select practitioner_id, commune, {SUMS} from ({{rows}}) "
        "group by all",
        "create temp table bands as select band, sum(fees) as fees from ({rows}) group by all",
    ],
    "once": [
        f"create temp table parts as select practitioner_id, commune, band, {SUMS} from ({{rows}}) "
        "group by all",
        "create temp table practices as select practitioner_id, commune, sum(acts) as acts, "
        "sum(fees) as fees from parts group by all",
        "create temp table bands as select band, sum(fees) as fees from parts group by all",
    ],
}
TABLES = [
    """create temp table practitioners as
    select practitioner_id, commune,
        date_diff('year', birth_date, date '2022-12-31') as age, acts, fees,
        year(installation_date) = 2022 as newly_installed
    from practices join read_parquet('{folder}/register.parquet') using (practitioner_id)""",
    """create temp table consumption as
    select case when band = 19 then '95+' else format('{{:02d}}-{{:02d}}', band * 5, band * 5 + 4)
        end as age_band, fees from bands""",
]


def tables(folder: Path, way: str, threads: int) -> duckdb.DuckDBPyConnection:
    """Return a connection that holds both tables."""
    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    connection.execute("set preserve_insertion_order = false")
    path = str(folder).replace("'", "''")
    rows = ROWS.format(folder=path)
    for query in WAYS[way]:
        connection.execute(query.format(rows=rows))
    for query in TABLES:
        connection.execute(query.format(folder=path))
    return connection


def main() -> None:
    """Make the tables, and write them if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--as", dest="way", choices=WAYS, default="sets")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    connection = tables(options.folder, options.way, options.threads)
    if options.write:
        for name in ("practitioners", "consumption"):
            connection.execute(f"copy {name} to '{options.write / name}.parquet'")


if __name__ == "__main__":
    main()
