"""The reference pages: every column and key of an output, and of a methodology file.

What the tables of a run hold is stated in `schemas`, the keys of a methodology beside their types;
this module has the columns of other outputs and the keys of the records. Tests hold it against what
the commands write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from ..methodology import DEFAULT, load_methodology
from ..methodology.model import FORMAT, SECTIONS, Methodology, Parameter
from ..methodology.parsers import Parser, ValueRefusedError
from ..schemas import INPUTS, OUTPUTS, Column, Kind

# --- columns ------------------------------------------------------------------------------------

_UNITS = {"APL": OUTPUTS["communes"]["apl"].unit}

# One line for each column: name | kind | unit | meaning.
_SIDES = """
territory_{x} | code | | territory in {X}
territory_name_{x} | text | | its name in {X}
region_{x} | code | | its region of attribution in {X}, INSEE code
zone_{x} | code | | id of its class in {X}
zone_reason_{x} | text | | why, as in `territories`
apl_{x} | number | APL | its APL in {X}
"""
_CHANGES = (
    _SIDES.format(x="a", X="A")
    + _SIDES.format(x="b", X="B")
    + """
communes | integer | | number of communes of the intersection
population_a | number | inhabitants | those of A
population_b | number | inhabitants | those of B
population | number | inhabitants | those of the result that is counted (--population)
practitioners | integer | | those of the result that is counted
cause | text | | why the class changed: apl, imposed, adaptation, no_zone, classes
crossed | code | | id of the class whose end was crossed, if the cause is apl
margin_a | number | APL | APL less the end of that class in A
margin_b | number | APL | APL less the end of that class in B
change | number | APL | margin_b - margin_a: the sum of the parts
part_supply | number | APL | due to supply
part_population | number | APL | due to the population
part_geography | number | APL | due to travel times and mesh
part_method | number | APL | due to the methodology
part_published_apl | number | APL | due to all that is in a \
published APL, in place of supply, population and travel times
part_cut | number | APL | due to the end of the class itself
main_part | text | | the largest part in the direction of the change
"""
)
_COMPARED_COMMUNES = """
listed | text | | both, a or b: which results have it
commune_a | commune | | INSEE code in A
territory_a | code | | its territory in A
zone_a | code | | id of its class in A
apl_a | number | APL | its APL in A
population_a | number | inhabitants | those of A
commune_b | commune | | INSEE code in B
territory_b | code | | its territory in B
zone_b | code | | id of its class in B
apl_b | number | APL | its APL in B
population_b | number | inhabitants | those of B
name | text | | name
population | number | inhabitants | those of the result that is counted (--population)
practitioners | integer | | those of the result that is counted
"""
_COMPARED_REGIONS = """
region | code | | INSEE code; FR for the whole
region_name | text | | its name in the table of article VI
zone | code | | id of the class
population_a | number | inhabitants | in that class in A
share_a | number | % | share of the region's population in A
territories_a | integer | | their number in A
population_b | number | inhabitants | in that class in B
share_b | number | % | share of the region's population in B
territories_b | integer | | their number in B
difference | number | points | share_b - share_a
"""
_TRANSITIONS = """
zone_a | code | | id of the class in A
zone_b | code | | id of the class in B
population | number | inhabitants | of the result that is counted
share | number | % | of all inhabitants
communes | integer | | number of communes
territories | integer | | number of territories of B
pieces | integer | | number of intersections of territories
practitioners | integer | | those of the result that is counted
"""
_AGREEMENT = """
region | code | | region of attribution, INSEE code; FR for the whole
region_name | text | | its name in the table of article VI
communes | integer | | compared
territories | integer | | compared
population | number | inhabitants | compared
communes_agreeing | number | % | of the communes have the same class
territories_agreeing | number | % | of the territories have the same class
population_agreeing | number | % | of the inhabitants have the same class
population_within_one_class | number | % | of the inhabitants are at most one class apart
population_best_adaptation | number | % | of the inhabitants would agree at most, had the agency \
adapted within annexe V; null if the result is adapted
"""
_OFFICIAL_COMMUNES = """
commune | commune | | INSEE code
name | text | | name
listed | text | | both, result or official: which lists have it
territory | code | | its territory in the result
region | code | | region of attribution, INSEE code
population | number | inhabitants | of the result
zone | code | | id of its class in the result
official_zone | code | | id of its official class
other_class | text | | its official class, if that is one of another text
"""
_OFFICIAL_TERRITORIES = """
territory | code | | its code
territory_name | text | | its name
region | code | | region of attribution, INSEE code
population | number | inhabitants | of communes with a class in both
apl | number | APL | its APL
rank | integer | | by rising APL; null where not ranked
zone | code | | id of its class in the result
official_zone | code | | id of the official class of most of its inhabitants
official_classes | integer | | number of official classes in it
distance | number | APL | by how much its APL would have to \
change for the official class; null if they agree or it is not ranked
cause | text | | why they differ: several_official_classes, imposed, no_zone, adaptation, \
adjacent_class, farther; null if they agree
"""
_OFFICIAL_TRANSITIONS = """
zone | code | | id of the class in the result
official_zone | code | | id of the official class
communes | integer | | number of communes
population | number | inhabitants | of the result
territories | integer | | number of territories
"""
_MARGINS = """
territory | code | | its code
territory_name | text | | its name
region | code | | region of attribution, INSEE code
rank | integer | | by rising APL
zone | code | | id of its class by rank, before any adaptation
to_zone | code | | id of another class
apl | number | APL | what its APL must gain (negative: lose) \
for that class; null if nothing leads there
etp | number | ETP | what must be added to it (negative: removed); null if there is none
reason | text | | why there is no etp: unknown, all_taken, none_added; else empty
"""
_COMMUNES_APL = """
commune | commune | | INSEE code
*SCENARIO* | number | APL | APL of the commune in that scenario
"""
_TERRITORIES_APL = """
territory | code | | its code
territory_name | text | | its name
*SCENARIO* | number | APL | APL of the territory in that \
scenario; null if its weights add up to 0
"""
_TERRITORIES_ZONE = """
territory | code | | its code
territory_name | text | | its name
*SCENARIO* | code | | id of its class in that scenario; null where it has none
"""
_QUANTILES = """
apl_mean | number | APL | mean of the draws
""" + "".join(
    f"apl_p{share} | number | APL | the least that {share} % of the draws do not exceed; "
    "with --quantile, those of the shares given\n"
    for share in (5, 25, 50, 75, 95)
)
_DRAWN_TERRITORIES = (
    """
territory | code | | its code
territory_name | text | | its name
region | code | | its region of attribution, INSEE code
population | number | inhabitants | in it
zone | code | | id of its class in the run; null without one
zone_share | number | % | draws in which it is in that class
likeliest_zone | code | | id of the class that it is in most often
likeliest_share | number | % | draws in which it is in that class
apl | number | APL | its APL in the run
"""
    + _QUANTILES
)
_DRAWN_ZONES = """
territory | code | | its code
territory_name | text | | its name
zone | code | | id of a class
draws | integer | | number of draws in which it is in that class
share | number | % | the same, of all draws
"""
_DRAWN_CUTS = (
    """
zone | code | | id of a class; the last has no end
draws | integer | | number of draws with a territory in that class or one below
apl | number | APL | highest APL of a territory in them in the run
"""
    + _QUANTILES
)
_DRAWN_EACH = """
draw | integer | | number of the draw, from 0
scenario | text | | name of the scenario, if scenarios are read
*TERRITORY* | integer | | index of its class among those of the methodology, from 0; \
null without one
"""
_PUBLISHED = """
commune | commune | | INSEE code
name | text | | name
apl | number | APL | the published APL
population | number | inhabitants | as published
standardised_population | number | standardised inhabitants | as published
"""
_ATTRIBUTION = """
commune | commune | | INSEE code
name | text | | name
departement | code | | INSEE code
region | code | | INSEE code
territory | code | | its territory
territory_name | text | | name of the territory
"""
_ZONING = """
commune | commune | | INSEE code; null in a list of territories
name | text | | name
departement | code | | INSEE code
region | code | | INSEE code
territory | code | | its territory, if the list has it
territory_name | text | | name of the territory
zone | code | | id of the official class
other_class | text | | the class as printed, if it is one of another text
"""

# The tables of each output: the command, the name of a file, and its columns.
_OTHERS: Mapping[str, Mapping[str, str]] = {
    "apl compare A B -o FOLDER": {
        "changes": _CHANGES,
        "communes": _COMPARED_COMMUNES,
        "regions": _COMPARED_REGIONS,
        "transitions": _TRANSITIONS,
    },
    "apl compare A --official ZONING -o FOLDER": {
        "agreement": _AGREEMENT,
        "communes": _OFFICIAL_COMMUNES,
        "territories": _OFFICIAL_TERRITORIES,
        "transitions": _OFFICIAL_TRANSITIONS,
    },
    "apl margins -o FILE": {"FILE": _MARGINS},
    "apl scenarios -o FOLDER": {
        "communes_apl": _COMMUNES_APL,
        "territories_apl": _TERRITORIES_APL,
        "territories_zone": _TERRITORIES_ZONE,
    },
    "apl draws -o FOLDER": {
        "territories": _DRAWN_TERRITORIES,
        "zones": _DRAWN_ZONES,
        "cuts": _DRAWN_CUTS,
        "draws/NUMBER.parquet": _DRAWN_EACH,
    },
    "apl import apl -o FOLDER": {"published": _PUBLISHED},
    "apl import territories -o FOLDER": {"attribution": _ATTRIBUTION},
    "apl import zoning -o FOLDER": {"zoning": _ZONING},
}
_RUN = "apl run, apl demo, apl zone, apl region apply, apl sweep -o FOLDER"
_INPUTS = "apl import, apl travel-times -o FOLDER; apl mesh -o FILE"
# Columns of ids of classes, which have a label beside them in CSV and workbooks.
LABELLED = (
    "zone", "zone_a", "zone_b", "crossed", "likeliest_zone", "official_zone", "to_zone",
    "*SCENARIO*",
)  # fmt: skip


def table_reference() -> dict[str, dict[str, tuple[Column, ...]]]:
    """Return the columns of every table that a command writes.

    Returns
    -------
    dict of str to dict of str to tuple of Column
        By the commands that write it, then by its name. ``*SCENARIO*`` stands for the names of
        scenarios.
    """
    run = {name: tuple(columns.values()) for name, columns in OUTPUTS.items()}
    others = {
        command: {name: tuple(_columns(text)) for name, text in tables.items()}
        for command, tables in _OTHERS.items()
    }
    inputs = {name: table.columns for name, table in INPUTS.items()}
    return {_RUN: run, **others, _INPUTS: inputs}


def _columns(text: str) -> Iterator[Column]:
    for line in filter(None, text.splitlines()):
        name, kind, unit, doc = (part.strip() for part in line.split("|"))
        yield Column(name, _kind(kind), doc, unit=_UNITS.get(unit, unit))


def _kind(word: str) -> Kind:
    (kind,) = (kind for kind in get_args(Kind) if kind == word)
    return kind  # type: ignore[no-any-return]


# --- keys of the record --------------------------------------------------------------------------

# One line for each key: path | type | unit | meaning. [] stands for each item of a list, * for any
# name. Below `...`, keys differ with the entry.
RECORD_KEYS = """
format | integer | | version of this layout
apl_engine | text | | version of the package
methodology.id | text | | id of the legal text, or of a variant of it
methodology.title | text | | its title
methodology.profession | text | | the profession that it is for
methodology.dated | date | | its date
methodology.sources.*.* | text | | title and more of each text cited, by key
methodology.parameters[].key | text | | of a parameter, see the page on methodology files
methodology.parameters[].value... | any | see unit | its value
methodology.parameters[].unit | text | | of the value
methodology.parameters[].source | text | | key of the text that it is from
methodology.parameters[].article | text | | the words that say so
methodology.parameters[].silent | flag | | whether the text leaves the point open
methodology.parameters[].reason | text | | why the value was chosen
methodology.parameters[].others... | list | see unit | the other readings of such a point
methodology.parameters[].file | text | | the file that gives it
methodology.gaps[] | text | | keys whose value in this text is not known
methodology.files[].file | text | | a TOML file that was read, the most particular first
methodology.files[].sha256 | text | | its SHA-256
inputs[].table | text | | a table of the run
inputs[].format | text | | Parquet, CSV, Arrow IPC; frame for one in memory
inputs[].rows | integer | rows | how many were read; null if hidden
inputs[].file | text | | its name
inputs[].bytes | integer | bytes | its size
inputs[].sha256 | text | | its SHA-256
inputs[].sample | text | | sample of the package that published practitioners are of
network.communes | integer | | communes of a prepared network; `network` is empty without one
network.pairs | integer | pairs of communes | in it
network.reach | number | minutes | times up to this are in it
network.built_by.* | text | | rules that it was built by, by key of the methodology
network.vintage | integer | year | of its communes
network.files... | list | | the files that it was made from
imports... | list | | how tables were made from publishers' files, as in imports.json
counts.rows.* | integer | rows | of each table; null if hidden
counts.practitioners.practitioners | integer | | all of them; null in a publication, as all \
but those counted
counts.practitioners.practices | integer | | places where they practise
counts.practitioners.several_practices | integer | | those with more than one
counts.practitioners.excluded_age | integer | | excluded by age
counts.practitioners.excluded_low_activity | integer | | excluded by a very low activity
counts.practitioners.newly_installed | integer | | counted as newly installed
counts.practitioners.at_ceiling | integer | | whose acts reach the ceiling
counts.practitioners.counted | integer | | counted in all
counts.network.pairs | integer | pairs of communes | within reach
counts.network.* | integer | pairs of communes | at exactly the end of a step, by its minutes
counts.communes.communes | integer | | all of them
counts.communes.with_supply | integer | | with practitioners
counts.communes.without_inhabitants | integer | | without inhabitants
counts.communes.reaching_nobody | integer | | inhabited, without supply within reach
counts.communes.without_apl | integer | | without an APL in a published one
totals.etp | number | ETP | of all practitioners counted; null if hidden
totals.reachable_etp | number | ETP | within reach of inhabitants; null if hidden
totals.distributed_etp | number | ETP | that the APLs add up to; null if hidden
totals.population | number | inhabitants | of all communes
totals.standardised_population | number | standardised inhabitants | of all communes
publication.min_practitioners | integer | | fewest practitioners who are not protected; \
`publication` is null for an exact result
publication.protection | number | % | half the width of what can be inferred of an ETP, at least
publication.attacker | text | | from whom it protects: public or colleague
publication.steps.* | number | | what figures are multiples of
publication.hidden.* | integer | | figures hidden, by table and column
publication.shown.* | number | % | communes, their inhabitants and territories whose APL is shown
publication.groups | integer | | communes and territories of few practitioners
publication.unprotected | list | | territories whose zone alone, or an earlier publication, \
bounds such a group more closely
publication.unprotected[] | text | | code of such a territory
publication.earlier | integer | | earlier publications that it was protected together with
reference_values.median_acts | number | acts | of a full-time equivalent
reference_values.ceiling_acts | number | acts | above which acts are not counted
reference_values.age_bands[].age_band | text | | an age band
reference_values.age_bands[].fees | number | EUR | of that band
reference_values.age_bands[].population | number | inhabitants | of that band
reference_values.age_bands[].fees_per_head | number | EUR | of that band
reference_values.age_bands[].weight | number | | of its inhabitants in the standardised population
reference_values.cuts[].zone | text | | id of the class that ends at the cut
reference_values.cuts[].share | number | % | share of the population that the text sets
reference_values.cuts[].reached | number | % | share of the population that it ends at
reference_values.cuts[].highest_apl | number | APL | APL of \
the last territory below the cut; null if there is none
reference_values.cuts[].next_territory | text | | code of the first territory above it
reference_values.cuts[].next_apl | number | APL | its APL
reference_values.cuts[].next_share | number | % | share of the population with it
zones[].zone | text | | id of a class
zones[].label | text | | its label
zones[].population | number | inhabitants | in it
zones[].share | number | % | of the population of the country
zones[].communes | integer | | in it
zones[].territories | integer | | in it
regions[].* | as in regions | | the rows of the table regions
article_vi[].region | text | | INSEE code; FR for the whole
article_vi[].region_name | text | | its name
article_vi[].zone | text | | id of the class
article_vi[].share | number | % | share of the region's population in the result
article_vi[].published | number | % | as the text prints it; null if it does not
article_vi[].corrected | number | % | what a misprinted row is taken to mean
article_vi[].difference | number | points | share - published
article_vi[].corrected_difference | number | points | share - corrected
ambiguous_zones[].parameter | text | | key of a point that the text leaves open
ambiguous_zones[].value | text | | another reading of it
ambiguous_zones[].territory | text | | code of a territory whose class would be another
ambiguous_zones[].territory_name | text | | its name
ambiguous_zones[].population | number | inhabitants | in it
ambiguous_zones[].zone | text | | id of its class
ambiguous_zones[].other_zone | text | | id of its class by that reading
notes[].code | text | | what was noted; stable
notes[].text | text | | the same in words
notes[].count | integer | | how many rows, communes ...
notes[].examples[] | text | | the first of them
notes[].examples_withheld | flag | | whether there are others that are not shown, as they may hold \
data of persons; absent if not
notes[].warning | flag | | whether it may be wrong
notes[].details... | any | | what else the words state
adaptation.national | text | | SHA-256 of the national result; `adaptation` is there if zones \
were adapted
adaptation.forced | flag | | whether a proposal that breaks a rule was applied
adaptation.proposals[].file | text | | name of a proposal
adaptation.proposals[].sha256 | text | | its SHA-256
adaptation.proposals[].region | text | | INSEE code
adaptation.proposals[].region_name | text | | its name
adaptation.proposals[].accepted | flag | | whether it keeps every rule
adaptation.proposals[].findings... | list | | each rule, whether it is kept, and why
adaptation.proposals[].concertation | date | | of the concertation
adaptation.proposals[].commission_paritaire_regionale | date | | of its opinion
adaptation.proposals[].additions[].* | as in removals | | territories put in the lowest class
adaptation.proposals[].removals[].territory | text | | code of a territory taken out of it
adaptation.proposals[].removals[].territory_name | text | | its name
adaptation.proposals[].removals[].apl | number | APL | its APL
adaptation.proposals[].removals[].population | number | inhabitants | in it
adaptation.proposals[].removals[].zone_before | text | | id of its national class
adaptation.proposals[].removals[].zone_after | text | | id of its class after
adaptation.proposals[].removals[].justification | text | | why
adaptation.shares[].region | text | | INSEE code
adaptation.shares[].region_name | text | | its name
adaptation.shares[].zone | text | | id of a class
adaptation.shares[].before | number | % | share of the region's population before
adaptation.shares[].after | number | % | share after
adaptation.shares[].population_before | number | inhabitants | in that class before
adaptation.shares[].population_after | number | inhabitants | in that class after
environment.python | text | | version of Python
environment.numba | text | | version
environment.numpy | text | | version
environment.polars | text | | version
environment.machine | text | | architecture, such as x86_64
environment.system | text | | operating system
timings.* | number | s | of each step
located.inputs | text | | path of the inputs, from the folder of the result
located.network | text | | path of the prepared network
outputs[].file | text | | a file of the result
outputs[].rows | integer | rows | in it
outputs[].sha256 | text | | its SHA-256
sha256 | text | | of all the rest of the record
"""
DRAWS_KEYS = """
format | integer | | version of this layout
apl_engine | text | | version of the package
environment.* | text | | as in `record.json`
draws | integer | | number of draws
seed | integer | | what stands for all random numbers
departures[].from_age | integer | years | age from which a probability applies
departures[].probability | number | | that a practitioner leaves, in a draw
arrivals | number | | mean number of practitioners who arrive for each ETP
variation | number | | standard deviation of the ETP of a practice, relative to it
scenario_tables[].table | text | | always scenarios
scenario_tables[].format | text | | always Parquet
scenario_tables[].rows | integer | rows | communes that it lists
scenario_tables[].file | text | | its name
scenario_tables[].bytes | integer | bytes | its size
scenario_tables[].sha256 | text | | its SHA-256
scenario_tables[].columns.* | text | | what it calls columns, if that was named
apl_step | number | APL | what APLs are rounded to before they are counted
quantiles[] | number | | shares of the draws whose quantiles are written
methodologies[].methodology... | | | as in `record.json`, as are the next three
methodologies[].inputs... | list | | tables of the run
methodologies[].imports... | list | | how they were made
methodologies[].network... | | | the prepared network, if one was given
methodologies[].zones[].zone | text | | id of a class
methodologies[].zones[].label | text | | its name in French
methodologies[].zones[].territories | integer | | in it in the run
methodologies[].zones[].mean | number | | territories in it, mean of the draws
methodologies[].sure[].share | number | % | a share of the draws
methodologies[].sure[].territories | integer | | in the same class in that share of \
the draws or more
methodologies[].cuts... | list | | rows of the table `cuts`
methodologies[].computed_in_full | integer | | draws that were computed from all communes, as cuts \
or APLs were too close to call from territories
methodologies[].notes... | list | | as in `record.json`, and those on scenarios
methodologies[].outputs[].file | text | | a file, from the folder on
methodologies[].outputs[].rows | integer | rows | in it
methodologies[].outputs[].sha256 | text | | its SHA-256
"""


def key_lines(text: str) -> list[list[str]]:
    """Return the path, type, unit and meaning of each key."""
    return [[part.strip() for part in line.split("|")] for line in filter(None, text.splitlines())]


def key_is_known(path: str, known: Sequence[str]) -> bool:
    """Return whether the path of a key, or of one that it is below, is among those described.

    Parameters
    ----------
    path : str
        Such as ``zones[].label``.
    known : sequence of str
        Paths, with ``*`` for any name and ``...`` at the end for all below.
    """
    parts = path.split(".")
    for pattern in known:
        wanted = pattern.removesuffix("...").split(".")
        # A key above others is described by them; below `...`, by that.
        if len(parts) <= len(wanted) or pattern.endswith("..."):
            pairs = zip(wanted, parts, strict=False)
            if all(one == "*" or _name(one) == _name(part) for one, part in pairs):
                return True
    return False


def _name(part: str) -> str:
    """Return a part of a path without the marks of lists."""
    return part.rstrip("[]")


# --- pages ---------------------------------------------------------------------------------------

_WORDS: Mapping[str, str] = {
    "commune": "text", "code": "text", "band": "text", "integer": "whole number",
    "flag": "true or false",
}  # fmt: skip
_HEAD = "<!-- Written by scripts/write_reference; edit what it is made from. -->"
_FORMATS = """
Every table is Parquet, which holds exact values for programs. For people there is CSV, and with
`--xlsx` a workbook of each table. One pair of options serves all commands that write tables:

| option | effect |
| --- | --- |
| `--csv`, `--csv plain` | CSV with commas and decimal points |
| `--csv french` | CSV with semicolons, decimal commas and a mark of UTF-8, for a French Excel |
| `--xlsx` | workbooks too: header frozen, codes as text, numbers with every digit, dates as dates |

- The folder of a result, a comparison, scenarios or draws has Parquet and CSV in any case.
- `apl margins` and `apl mesh` write one file by its ending, `.parquet`, `.csv` or `.xlsx`; the
  options add one beside it, or say how the CSV is written.
- `apl import` and `apl travel-times` write Parquet; with `--csv` CSV in its place, since a folder
  of inputs holds each table once. A workbook beside it is for people: `apl run` does not read it.
- In CSV and workbooks each id of a class has its label in French in the next column, named
  `zone_label` for `zone`. Parquet has the ids alone.
- A cell that a spreadsheet would run must not. Workbooks hold all text as text. In CSV an
  apostrophe is put before text, or the name of a column, that begins with `=`, `+`, `-`, `@`, a
  tabulation or a carriage return (after any apostrophes); all commands take it away again when
  they read CSV.
- A CSV has no types: Excel shows the code 01001 as 1001 unless its column is declared as text when
  the file is imported. Open the workbook instead; a CSV that Excel has saved may have lost zeros.
- What is written can be read: `apl run` reads plain and French CSV of its tables, `apl mesh` and
  `--mesh` those of communes; `apl zone`, `apl import` and `apl compare --official` read the CSV and
  the workbooks of a result.
"""


def outputs_page() -> str:
    """Return the page on the columns and keys of outputs, as Markdown."""
    parts = [
        _HEAD,
        "# Reference: outputs",
        "Every column of every table that a command writes, and every key of `record.json` and "
        "`draws.json`.",
        "## Formats",
        _FORMATS.strip(),
    ]
    for command, tables in table_reference().items():
        parts.append(f"## {_code(command)}")
        for name, columns in tables.items():
            parts.append(f"### `{name}`")
            rows = [
                [f"`{column.name}`", _WORDS.get(column.kind, column.kind), column.unit,
                 column.doc + ("" if column.required else "; may be missing")]
                for column in columns
            ]  # fmt: skip
            parts.append(_table(["column", "type", "unit", "meaning"], rows))
    parts += [
        "## `record.json`",
        "In the folder of every result. `[]` stands for each item of a list, `*` for any name; "
        "below `...`, keys differ with the entry. A list may be empty; a key that does not apply "
        "is null or absent.",
        _key_table(RECORD_KEYS),
        "## `draws.json`",
        "In the folder that `apl draws` writes.",
        _key_table(DRAWS_KEYS),
    ]
    return "\n\n".join(parts) + "\n"


def _key_table(keys: str) -> str:
    rows = [
        [f"`{path}`", _WORDS.get(kind, kind), _UNITS.get(unit, unit), doc]
        for path, kind, unit, doc in key_lines(keys)
    ]
    return _table(["key", "type", "unit", "meaning"], rows)


def _code(command: str) -> str:
    return ", ".join(f"`{part.strip()}`" for part in command.split(","))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def methodology_page() -> str:
    """Return the page on the keys of a methodology file, as Markdown."""
    rules = load_methodology(DEFAULT)
    parts = [
        _HEAD,
        "# Reference: methodology files",
        "A methodology is a TOML file; `apl methodologies show ID` prints one, and a file of your "
        "own changes what it names (see README). A parameter is a table `[section.key]` with "
        "`value`, `unit`, `source` and `article`, or a `reason` for a choice of your own; "
        "`silent = true` with `others` and `reason` marks a point that the text leaves open. "
        f"The defaults and articles here are those of `{rules.id}`, {rules.title}. "
        "A number may be whole, a decimal or a fraction as text, such as \"2/3\"; it is exact.",
        "## The file",
        _table(
            ["key", "type", "meaning", "default"],
            [
                *(
                    [f"`{key}`", _type_of(type(getattr(rules, key)), parser), doc,
                     str(getattr(rules, key))]
                    for (key, parser), doc in zip(FORMAT.identity.items(), _IDENTITY, strict=True)
                ),
                ["`extends`", "text", "id of the methodology that the file changes", ""],
                ["`gaps`", "list of text", "keys whose value in the text is not known", ""],
                ["`sources.*`", "table", "`title` and more of each text cited, by its key",
                 ", ".join(f"`{key}`" for key in rules.sources)],
            ],
        ),
    ]  # fmt: skip
    for section, kind in SECTIONS.items():
        parts += [f"## `{section}`", f"{kind.__doc__}", _section(section, kind, rules)]
    return "\n\n".join(parts) + "\n"


# Tables of a value that are shown.
_SHOWN = 6
_IDENTITY = ("id of the text, or of your variant", "its title", "the profession that it is for",
             "its date")  # fmt: skip


def _section(section: str, kind: type, rules: Methodology) -> str:
    given = {parameter.key: parameter for parameter in rules.parameters}
    rows = []
    for name, hint in get_type_hints(kind, include_extras=True).items():
        parameter = given[f"{section}.{name}"]
        base, parser, doc = get_args(hint)
        rows.append(
            [f"`{section}.{name}`", _type_of(base, parser), parameter.unit or "", doc,
             _article(parameter), _default(parameter)]
        )  # fmt: skip
        if item := _item_of(base):
            mark = "[]" if get_origin(base) is tuple else ""
            rows += _item_rows(f"{section}.{name}{mark}", item)
    return _table(["key", "type", "unit", "meaning", "article", "default"], rows)


def _item_rows(path: str, kind: type) -> Iterator[list[str]]:
    """Yield a row for each key of the tables that a value is made of."""
    for name, hint in get_type_hints(kind, include_extras=True).items():
        base, parser, doc = get_args(hint)
        yield [f"`{path}.{name}`", _type_of(base, parser), "", doc, "", ""]
        if item := _item_of(base):
            yield from _item_rows(f"{path}.{name}", item)


def _item_of(base: Any) -> type | None:
    """Return the dataclass that a value is, or has a list of."""
    options = get_args(base) if get_origin(base) in (tuple, Union, UnionType) else (base,)
    return next((one for one in options if is_dataclass(one) and isinstance(one, type)), None)


def _article(parameter: Parameter) -> str:
    text = f"{parameter.source}, {parameter.article}" if parameter.article else ""
    return f"{text} (open)" if parameter.silent else text


def _default(parameter: Parameter) -> str:
    value = parameter.as_dict()["value"]
    if isinstance(value, list):
        items = [
            ", ".join(f"{key} {_plain(cell)}" for key, cell in item.items() if key != "reason")
            for item in value
        ]
        return "; ".join(items) if len(items) <= _SHOWN else f"{len(items)} tables"
    if isinstance(value, dict):
        return ", ".join(f"{key} {cell}" for key, cell in value.items() if key == "decimals")
    return f"`{_plain(value)}`"


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _type_of(base: Any, parser: Parser) -> str:
    """Return the type of a value in words, with the values that its parser allows."""
    if get_origin(base) is tuple:
        return "list of tables"
    if get_origin(base) in (Union, UnionType):
        base = next(one for one in get_args(base) if one is not type(None))
    if is_dataclass(base):
        return f"table of {', '.join(f'`{one.name}`' for one in fields(base))}"
    if base is bool:
        return "true or false"
    if base is date:
        return "date"
    if base is str:
        allowed = _details(parser, "\0").get("allowed", ())
        return " or ".join(f"`{word}`" for word in allowed) or "text"
    if base in (Fraction, int):
        word = "number" if base is Fraction else "whole number"
        low, high = _details(parser, -(10**12)), _details(parser, 10**12)
        bounds = [f"above {low['above']}" if "above" in low else "",
                  f"from {low['low']}" if "low" in low else "",
                  f"to {high['high']}" if "high" in high else ""]  # fmt: skip
        return " ".join(filter(None, [word, *bounds]))
    return "table of numbers"


def _details(parser: Parser, value: Any) -> Mapping[str, Any]:
    """Return what a parser says of a value that it refuses."""
    try:
        parser(value)
    except ValueRefusedError as error:
        return error.problems[0].details
    return {}
