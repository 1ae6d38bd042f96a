"""APL and zones as one DuckDB query, without checks, record or outputs.

From the five tables to the zone of every territory, with the default parameters of the method and
region 06 imposed inside the cuts. ``python duckdb_query.py FOLDER`` reads the Parquet
files of FOLDER and prints the number of territories of each zone.

Variants tried on the national sample (a million pairs of communes), with two cores under other
load; milliseconds of connection and query in a new process, best of eleven runs taken in turn.
Importing DuckDB takes 80 or more on top:

====================================================================  ====
this query: joins in the order written                                 130
the same, every common table expression materialized                   137
practitioners by windows instead of a group-by and a join              140
the same in steps through temporary tables                             141
a semi-join of the pairs, own pairs separately                         142
the order of the joins left to the optimiser                           150
reached demand by a window over the destinations                       152
one thread                                                             184
====================================================================  ====

Insertion order, the cache of Parquet metadata and more threads make no difference.
"""

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:  # only the functions that return frames need Polars
    import polars as pl

TABLES = ("practitioners", "population", "consumption", "travel_times", "communes")

COMMUNES = """
with people as (
    select practitioner_id, sum(acts)::double as total_acts, sum(fees) as total_fees,
        count(*) as practices, any_value(newly_installed) as new
    from practitioners where age <= 65 group by practitioner_id
),
reference as (
    select quantile_cont(total_acts, 0.5) as median, quantile_cont(total_acts, 0.9) as ceiling
    from people where not new and total_fees >= 10000
),
supply as (
    select commune, sum(
        case when new then 1e0 else least(total_acts, ceiling) / median end
        * case when total_acts > 0 then acts / total_acts else 1e0 / practices end) as etp
    from practitioners join people using (practitioner_id), reference
    where new or total_fees >= 10000
    group by commune
),
bands as (
    select age_band, fees / people * sum(people) over () / sum(fees) over () as weight
    from consumption join (
        select age_band, sum(population)::double as people from population group by age_band
    ) using (age_band)
),
demand as (
    select commune, sum(population)::double as population,
        sum(population * weight) as standardised
    from population join bands using (age_band) group by commune
),
trips as (
    select origin, destination, etp,
        case when minutes < 10 then 1e0 when minutes < 15 then 2e0 / 3 else 1e0 / 3 end as weight
    from travel_times join supply on destination = supply.commune where minutes <= 20
    union all
    select commune, commune, etp, 1e0 from supply
),
ratios as (
    select destination, any_value(etp) / sum(weight * standardised) as ratio
    from trips join demand on origin = demand.commune
    group by destination having sum(weight * standardised) > 0
),
sums as (
    select origin, sum(weight * ratio) * 1e5 as apl
    from trips join ratios using (destination) group by origin
),
results as (
    select communes.commune, region, territory, coalesce(population, 0) as population,
        coalesce(standardised, 0) as standardised, coalesce(apl, 0) as apl
    from communes left join demand using (commune)
    left join sums on sums.origin = communes.commune
)
"""

ZONES = """,
parts as (
    select territory, region, sum(population) as population, sum(standardised) as standardised,
        sum(apl * standardised) as product
    from results group by territory, region
),
territories as (
    select territory, sum(product) / nullif(sum(standardised), 0) as apl,
        sum(population) as population,
        min_by(region, (-population, region)) = '06' as imposed
    from parts group by territory
),
ranked as (
    select territory, apl, imposed,
        sum(population) over (
            order by imposed desc, apl nulls last, territory rows unbounded preceding
        ) / sum(population) over () as share
    from territories
)
select territory, apl,
    case when imposed then 'tres_sous_dotee' when apl is null then null
        when share <= 0.15 then 'tres_sous_dotee' when share <= 0.3 then 'sous_dotee'
        when share <= 0.7 then 'intermediaire' else 'non_prioritaire' end as zone
from ranked
"""


def connect() -> duckdb.DuckDBPyConnection:
    """Open an in-memory database that joins in the order written."""
    connection = duckdb.connect()
    connection.execute("set disabled_optimizers = 'join_order'")
    return connection


def scan(folder: str | Path) -> duckdb.DuckDBPyConnection:
    """Return a connection with the five files of a folder as views."""
    connection = connect()
    for name in TABLES:
        path = str(Path(folder) / f"{name}.parquet").replace("'", "''")
        connection.execute(f"create view {name} as from read_parquet('{path}')")
    return connection


def zones(folder: str | Path) -> "pl.DataFrame":
    """Return territory, apl and zone from the files of a folder."""
    return scan(folder).sql(COMMUNES + ZONES).pl()


def main() -> None:
    """Print the number of territories of each zone."""
    rows = scan(sys.argv[1]).execute(COMMUNES + ZONES).fetchall()
    counts = Counter(zone for _, _, zone in rows)
    print(", ".join(f"{zone} {count}" for zone, count in sorted(counts.items())), flush=True)
    # Closing the database would take longer, and nothing remains to be written.
    os._exit(0)


if __name__ == "__main__":
    main()
