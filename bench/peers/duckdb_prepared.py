"""APL on prepared pairs in memory with DuckDB, from its own tables of indices and weights."""

from collections.abc import Callable

import duckdb
import numpy as np

QUERY = """
with ratios as (
    select destination, any_value(etp) / sum(weight * demand) as ratio
    from pairs join people on origin = people.place join supply on destination = supply.place
    group by destination having sum(weight * demand) > 0
),
sums as (
    select origin, 1e5 * sum(weight * ratio) as apl
    from pairs join ratios using (destination) group by origin
)
select coalesce(apl, 0) as apl from people left join sums on origin = place order by place
"""


def prepare(
    origin: np.ndarray,
    destination: np.ndarray,
    weights: np.ndarray,
    supply: np.ndarray,
    demand: np.ndarray,
) -> Callable[[], np.ndarray]:
    """Return the task. The pairs include own pairs."""
    connection = duckdb.connect()
    place = np.arange(len(demand), dtype=np.uint32)
    given = {
        "pairs": {"origin": origin, "destination": destination, "weight": weights},
        "people": {"place": place, "demand": demand},
        "supply": {"place": place, "etp": supply},
    }
    for name, columns in given.items():
        connection.register("given", columns)
        connection.execute(f"create table {name} as from given")
        connection.unregister("given")
    return lambda: connection.execute(QUERY).fetchnumpy()["apl"]
