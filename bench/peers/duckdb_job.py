"""The job of `apl run` in DuckDB: five tables to communes, territories and regions, as files.

``python duckdb_job.py FOLDER OUT [PAIRS]`` reads the Parquet files of FOLDER and writes the three
tables into OUT as CSV and Parquet, with the columns, order and zones of a result. It checks nothing
and writes no record. PAIRS is a Parquet file of prepared pairs in place of the travel times:
``origin`` and ``destination`` as row numbers of the communes sorted by code, ``thirds`` as their
weight times 3, without own pairs.

The process ends by ``os._exit``: closing a database takes a while, and everything is written.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
from job_rules import (
    COUNTRY,
    CUTS,
    IMPOSED_REASON,
    IMPOSED_REGION,
    IMPOSED_ZONE,
    NO_DEMAND,
    NOBODY,
    RANKED,
    REGIONS,
    SOME_REGIONS,
    TABLES,
    ZONES,
)

# The parts of practitioners' ETP: annexe, IV, 4.1.1.
PRACTICES = """
create table practices as
with people as (
    select practitioner_id, sum(acts)::double as total_acts, sum(fees) as total_fees,
        count(*) as places, any_value(newly_installed) as new
    from practitioners where age <= 65 group by practitioner_id
),
reference as (
    select quantile_cont(total_acts, 0.5) as median, quantile_cont(total_acts, 0.9) as ceiling
    from people where not new and total_fees >= 10000
)
select commune, practitioner_id,
    case when new then 1e0 else least(total_acts, ceiling) / median end
    * case when total_acts > 0 then acts / total_acts else 1e0 / places end as etp
from practitioners join people using (practitioner_id), reference
where (new or total_fees >= 10000) and (acts > 0 or total_acts = 0)
"""

# Each commune, with its supply, and its demand by 4.1.2.
PLACES = """
create table places as
with bands as (
    select age_band, fees / people * sum(people) over () / sum(fees) over () as weight
    from consumption join (
        select age_band, sum(population)::double as people from population group by age_band
    ) using (age_band)
),
demand as (
    select commune, sum(population)::double as population,
        sum(population * weight) as standardised_population
    from population join bands using (age_band) group by commune
),
supply as (
    select commune, sum(etp) as etp, count(*) filter (etp > 0) as practitioners
    from practices group by commune
)
select {key} as place, commune, name, region, territory, territory_name,
    coalesce(etp, 0) as etp, coalesce(practitioners, 0) as practitioners,
    coalesce(population, 0) as population,
    coalesce(standardised_population, 0) as standardised_population
from communes left join demand using (commune) left join supply using (commune)
"""
BY_CODE, BY_NUMBER = "commune", "(row_number() over (order by commune) - 1)::uinteger"

# Weights as thirds: whole numbers, which cancel between both steps.
TRIPS = """
select origin, destination, case when minutes < 10 then 3 when minutes < 15 then 2 else 1 end
    as thirds
from travel_times where minutes <= 20
"""

# Both steps: annexe, IV, 4.1.3. Own pairs, of weight 1, are added to the sums.
APL = """
create table results as
with trips as {materialized} ({trips}),
reached as (
    select destination as place, sum(thirds * standardised_population) / 3 as others
    from trips join places on origin = place group by destination
),
ratios as (
    select place, standardised_population + coalesce(others, 0) as demand_reached,
        case when demand_reached > 0 then etp / demand_reached else 0 end as ratio
    from places left join reached using (place)
),
supplied as (select place, ratio from ratios where ratio > 0),
sums as (
    select origin as place, sum(thirds * ratio) / 3 as others
    from trips join supplied on destination = place group by origin
)
select places.*, demand_reached, 1e5 * (ratio + coalesce(others, 0)) as apl
from places join ratios using (place) left join sums using (place)
"""

# Annexe, IV, 4.1 to 4.3. Sums in another order move the last digits of equal APLs: nine decimals
# leave ties together.
TERRITORIES = f"""
create table territories_out as
with parts as (
    select territory, region, any_value(territory_name) as territory_name, count(*) as communes,
        sum(etp) as etp, sum(population) as population,
        sum(standardised_population) as standardised_population,
        sum(apl * standardised_population) as product
    from results group by territory, region
),
whole as (
    select territory, any_value(territory_name) as territory_name,
        min_by(region, (-population, region)) as region, sum(communes)::bigint as communes,
        sum(etp) as etp, sum(population) as population,
        sum(standardised_population) as standardised_population,
        sum(product) / nullif(sum(standardised_population), 0) as apl
    from parts group by territory
),
persons as (
    select territory, count(distinct practitioner_id) as practitioners
    from practices join results using (commune) where practices.etp > 0 group by territory
),
held as (
    select coalesce(sum(population), 0) as held from whole where region = '{IMPOSED_REGION}'
),
ordered as (
    select territory, row_number() over by_apl as rank,
        sum(population) over (by_apl rows unbounded preceding) as through
    from whole where region <> '{IMPOSED_REGION}' and apl is not null
    window by_apl as (order by round(apl, 9), territory)
),
ranked as (
    select territory, rank::uinteger as rank, (through + held) / (max(through) over () + held)
        as share
    from ordered, held
)
select territory, territory_name, region, communes, etp,
    coalesce(practitioners, 0) as practitioners, population, standardised_population, apl, rank,
    100 * share as cumulative_share,
    case when region = '{IMPOSED_REGION}' then '{IMPOSED_ZONE}' when share is null then null
        when share <= {CUTS[0]} then '{ZONES[0]}' when share <= {CUTS[1]} then '{ZONES[1]}'
        when share <= {CUTS[2]} then '{ZONES[2]}' else '{ZONES[3]}' end as zone,
    case when region = '{IMPOSED_REGION}' then '{IMPOSED_REASON}'
        when share is not null then '{RANKED}' when population > 0 then '{NO_DEMAND}'
        else '{NOBODY}' end as zone_reason
from whole left join ranked using (territory) left join persons using (territory)
order by territory
"""

COMMUNES = """
create table communes_out as
select commune, name, results.region, results.etp, results.practitioners, results.population,
    results.standardised_population, demand_reached, results.apl, territory,
    results.territory_name, zone
from results join territories_out using (territory) order by commune
"""

REGION_SHARES = f"""
create table regions_out as
with everywhere as (
    select region, zone, population, communes from territories_out
    union all
    select '{COUNTRY}', zone, population, communes from territories_out
),
parts as (
    select region, zone, sum(population) as population, sum(communes)::bigint as communes,
        count(*) as territories
    from everywhere group by all
),
totals as (select region, sum(population) as total from everywhere group by region),
given as (select distinct region from results),
names as (
    select region, case when region = '{COUNTRY}'
        and (select count(*) from given) < {len(REGIONS) - 1} then '{SOME_REGIONS}'
        else region_name end as region_name
    from (select unnest($codes) as region, unnest($names) as region_name)
),
grid as (
    select region, zone, number
    from (from given union all select '{COUNTRY}'),
        unnest($zones) with ordinality as zones (zone, number)
)
select region, coalesce(region_name, region) as region_name, zone,
    coalesce(population, 0) as population,
    100 * coalesce(population, 0) / nullif(total, 0) as share,
    coalesce(communes, 0) as communes, coalesce(territories, 0) as territories
from grid left join parts using (region, zone) left join totals using (region)
    left join names using (region)
order by region = '{COUNTRY}', region, number
"""

INPUTS = ("practitioners", "population", "consumption", "communes")


def quoted(path: Path) -> str:
    """Return a path as a literal of SQL."""
    return "'" + str(path).replace("'", "''") + "'"


def compute(folder: Path, pairs: Path | None) -> duckdb.DuckDBPyConnection:
    """Return a connection that holds the three tables."""
    connection = duckdb.connect()
    sources = {name: folder / f"{name}.parquet" for name in INPUTS}
    sources["travel_times"] = pairs or folder / "travel_times.parquet"
    for name, path in sources.items():
        connection.execute(f"create view {name} as from read_parquet({quoted(path)})")
    connection.execute(PRACTICES)
    connection.execute(PLACES.format(key=BY_NUMBER if pairs else BY_CODE))
    trips = "from travel_times" if pairs else TRIPS
    # Reading prepared pairs once is faster, deriving them from raw times twice as well.
    how = "materialized" if pairs else "not materialized"
    connection.execute(APL.format(trips=trips, materialized=how))
    connection.execute(TERRITORIES)
    connection.execute(COMMUNES)
    names = {"codes": list(REGIONS), "names": list(REGIONS.values())}
    connection.execute(REGION_SHARES, {"zones": list(ZONES), **names})
    return connection


def write(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write the three tables; the largest file beside all others."""

    def copy(names: tuple[str, ...], ending: str, options: str) -> None:
        own = connection.cursor()
        for name in names:
            path = quoted(out / f"{name}.{ending}")
            own.execute(f"copy {name}_out to {path} ({options})")

    def others() -> None:
        copy(TABLES, "parquet", "format parquet, compression zstd")
        copy(TABLES[1:], "csv", "format csv, header")

    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(others)
        copy(TABLES[:1], "csv", "format csv, header")
        beside.result()


def main() -> None:
    """Read, compute and write."""
    folder, out, *pairs = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    write(compute(folder, pairs[0] if pairs else None), out)
    os._exit(0)


if __name__ == "__main__":
    main()
