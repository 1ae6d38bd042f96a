"""The pairs of a distancier within reach, as row numbers of the communes, by one DuckDB query.

``python duckdb_distancier.py FILE COMMUNES`` reads a distancier (Parquet, or CSV with semicolons)
and the Parquet file of the commune codes, and prints how many pairs are within 20 minutes. It
validates nothing and does not count what it leaves out. `bench/distancier.py` lists the variants
that were tried.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    import pyarrow

# Faster without parsing distances and without interpreting quotes.
CSV = """read_csv('{path}', delim = ';', header = true, quote = '', escape = '',
    strict_mode = false, columns = {{
    'idSrc': 'VARCHAR', 'idDst': 'VARCHAR', 'duree': 'DOUBLE', 'distance': 'VARCHAR'}})"""
QUERY = """
select a.place as origin, b.place as destination, duree as minutes
from {source} as pairs
join codes as a on pairs.idSrc = a.commune
join codes as b on pairs.idDst = b.commune
where duree <= 20 and duree <> -999999
"""


def pairs(path: Path, communes: Path) -> "pyarrow.Table":
    """Return origin, destination (row numbers), minutes of the pairs within reach, in any order."""
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    connection.execute("set preserve_insertion_order = false")
    connection.execute(
        "create table codes as select commune, "
        "(row_number() over (order by commune) - 1)::uinteger as place "
        f"from read_parquet('{communes}')"
    )
    source = f"read_parquet('{path}')" if path.suffix == ".parquet" else CSV.format(path=path)
    return connection.sql(QUERY.format(source=source)).to_arrow_table()


if __name__ == "__main__":
    print(pairs(Path(sys.argv[1]), Path(sys.argv[2])).num_rows)
