"""`apl aids`: aids and rules of installation."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from .aids_options import (
    Zonings,
    attributing_regions,
    day_option,
    locate,
    plain_location,
    read_codes,
    read_effects,
    rules_option,
    zone_of,
    zone_options,
    zones_option,
)
from .aids_output import (
    commune_page,
    contract_page,
    effect_page,
    installation_page,
    rules_page,
    uplift_page,
)
from .options import FAILURE, common_options, path_argument, path_option, show


@click.group("aids")
def command() -> None:
    """Show the aids of a zone, the payments of a contract, and who may install.

    Every amount is shown with its article, or with how it was inferred. See docs/aids.md.

    \b
    Examples:
      apl aids commune 72003 --on 2025-09-15 --zones zones-2024
      apl aids contract my_contract.toml
      apl aids uplift zones-2024 --region 52
      apl aids install --zone non_prioritaire --on 2025-09-15 --departure 2025-06-30
      apl aids effect zones-2024
      apl aids rules
    """


@command.command("commune")
@day_option("--on", required=True, help="The day in question.")
@zone_options
@rules_option
@common_options
def commune_command(on: date, rules_file: Path | None, as_json: bool, **zone: Any) -> None:
    """Show which aids and which regulation the zone of a commune opens.

    COMMUNE is a code or a name, which is looked up in --zones; or give --zone alone.

    \b
    Examples:
      apl aids commune 72003 --on 2025-09-15 --zones zones-2024
      apl aids commune 72003 --on 2024-10-15 --zones zones-2018 --zones zones-2024
      apl aids commune --zone sous_dotee --on 2022-01-31
      apl aids commune --zone non_prioritaire --on 2025-09-15 --json
    """
    from ..aids import aids_of_zone, load_aid_rules

    rules = load_aid_rules(rules_file)
    code, located = zone_of(**zone, on=on, rules=rules)
    aids = aids_of_zone(code, on, rules)
    document = {**plain_location(located), **aids.as_dict()}
    show(document, lambda: commune_page(aids, located), as_json=as_json)


@command.command("contract")
@path_argument("contract_file", metavar="CONTRACT")
@day_option("--until", help="Follow tacit renewals that begin up to this day.")
@zones_option
@rules_option
@common_options
def contract_command(
    contract_file: Path, until: date | None, zones: tuple[Path, ...], rules_file: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Show what is paid under a contract and when, each line with its rule.

    CONTRACT is a TOML file, described in docs/aids.md. It contains no name and no identifier of a
    practitioner. It states its zone on the day of signature; otherwise that of --zones is used:
    of several zonings the one in force on that day. Those that follow change the zone during the
    first term, unless CONTRACT states its changes.

    \b
    Examples:
      apl aids contract my_contract.toml
      apl aids contract my_contract.toml --until 2031-12-31
      apl aids contract my_contract.toml --zones zones-2024 --json
    """
    from ..aids import in_zoning, load_aid_rules, read_contract, schedule

    rules = load_aid_rules(rules_file)
    contract = read_contract(contract_file, rules)
    located = None
    if zones:
        if contract.commune is None:
            raise click.UsageError("--zones needs commune = in CONTRACT.")
        zonings = Zonings(zones, contract.commune, rules)
        located = locate(zonings, contract.signed)
        contract = in_zoning(contract, located.choice, contract_file.name, rules)
    payments = schedule(contract, rules, until=until)
    document = {**plain_location(located), **payments.as_dict()}
    show(document, lambda: contract_page(payments, located), as_json=as_json)


@command.command("uplift")
@path_argument("zones", metavar="OUT")
@click.option("--region", required=True, help="The agency's region, by INSEE code or name.")
@path_option(
    "--list",
    "list_file",
    help="Check these territories: a file with a code on each line. By default they are chosen.",
)
@click.option(
    "--basis",
    type=click.Choice(["count", "population"]),
    help="What the limit applies to: the number of zones (default) or their population.",
)
@day_option("--on", help="Rules of this day; by default the last known.")
@rules_option
@common_options
def uplift_command(
    zones: Path, region: str, list_file: Path | None, rules_file: Path | None, as_json: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Choose the territories whose aid an agency may raise, or check a list of them.

    OUT is the folder that `apl run` or `apl zone` wrote. The territories of the lowest APL are
    chosen, up to the part of the zones très sous dotées that the contract allows.

    Exits with 0 if the list is permitted, 1 if it is not, 3 if a file is malformed.

    \b
    Examples:
      apl aids uplift zones-2024 --region 52
      apl aids uplift zones-2024 --region 52 --list particularly_short.txt
      apl aids uplift zones-2024 --region 52 --basis population --json
    """
    from ..aids import check_uplift, choose_uplift, load_aid_rules
    from ..results.lookup import find_region
    from ..results.read import read_result

    rules = load_aid_rules(rules_file)
    result = read_result(zones)
    result.check_exact("result.published_uplift")
    territories, region = result.territories, find_region(result, region)
    if list_file is None:
        check = choose_uplift(territories, region, rules=rules, **options)
    else:
        check = check_uplift(territories, region, read_codes(list_file), rules=rules, **options)
    show(check.as_dict(), lambda: uplift_page(check), as_json=as_json)
    if not check.allowed:
        sys.exit(FAILURE)


@command.command("install")
@day_option("--on", required=True, help="First day under the convention.")
@zone_options
@click.option(
    "--entered",
    type=click.IntRange(1950, 2199),
    metavar="YEAR",
    help="Year in which the first year of the training began.",
)
@click.option(
    "--establishment-months",
    type=int,
    default=0,
    metavar="MONTHS",
    help="Experience in an establishment in France.",
)
@click.option("--commits", is_flag=True, help="Commits to begin in a zone that lacks supply.")
@day_option("--departure", help="Last day of the colleague who is succeeded.")
@click.option("--departure-acts", type=int, metavar="ACTS", help="Acts of the year before it.")
@click.option("--taken", is_flag=True, help="That departure has a successor already.")
@click.option("--derogation", metavar="A|B|C", help="Ground of article 1.2.3 that is claimed.")
@rules_option
@common_options
def install_command(
    commune: str | None, zone: str | None, zones: tuple[Path, ...], departure: date | None,
    departure_acts: int | None, taken: bool, rules_file: Path | None, as_json: bool, **plan: Any,
) -> None:  # fmt: skip
    """Show whether an installation may be conventioned, and why.

    The conditions of experience or commitment (4.1.1) are for those who enter the training from
    2024 on; for others the answer is "does not apply".

    Exits with 0 whatever the answer.

    \b
    Examples:
      apl aids install 72003 --zones zones-2024 --on 2028-09-01 --entered 2024 --commits
      apl aids install --zone non_prioritaire --on 2025-09-15 --entered 2019 \\
          --departure 2025-06-30 --departure-acts 3400
      apl aids install --zone non_prioritaire --on 2025-09-15 --entered 2019 --derogation B
    """
    from ..aids import Departure, Plan, check_installation, load_aid_rules

    if departure is None and (departure_acts is not None or taken):
        raise click.UsageError("--departure-acts and --taken need --departure.")
    rules = load_aid_rules(rules_file)
    zone, located = zone_of(commune, zone, zones, plan["on"], rules)
    left = None if departure is None else Departure(departure, departure_acts, taken)
    eligibility = check_installation(Plan(zone=zone, departure=left, **plan), rules)
    document = {**plain_location(located), **eligibility.as_dict()}
    show(document, lambda: installation_page(eligibility, located), as_json=as_json)


@command.command("effect")
@path_argument("zones", metavar="OUT")
@click.argument("days", metavar="[REGION=DAY]...", nargs=-1, callback=read_effects)
@rules_option
@common_options
def effect_command(
    zones: Path, days: dict[str, date], rules_file: Path | None, as_json: bool
) -> None:
    """Show from which day on a zoning is in force in each region, or state it.

    OUT is the folder that `apl run`, `apl zone` or `apl region apply` wrote. REGION is an INSEE
    code, DAY the day of effect of its agency's order. They are kept in effect.toml in that folder
    and win over the days in the rules. A zoning is in force until the next one of the same agency.

    \b
    Examples:
      apl aids effect zones-2024
      apl aids effect zones-2024 52=2024-11-01 53=2024-11-21
      apl aids effect zones-2018 52=2019-01-01 --json
    """
    from ..aids import day_of_effect, load_aid_rules, read_effect, write_effect
    from ..results.read import read_result

    rules, result = load_aid_rules(rules_file), read_result(zones)
    names = attributing_regions(result)
    stated = write_effect(zones, days, names) if days else read_effect(zones, names)
    effects = {code: day_of_effect(code, result.methodology.id, stated, rules) for code in names}
    rows = [
        {
            "region": code,
            "region_name": names[code],
            "since": since and str(since),
            "source": source,
        }
        for code, (since, source) in effects.items()
    ]
    show({"zones": str(zones), "effects": rows}, lambda: effect_page(zones, rows), as_json=as_json)


@command.command("rules")
@rules_option
@common_options
def rules_command(rules_file: Path | None, as_json: bool) -> None:
    """Show every value with its source, the day it is in force from, and how certain it is.

    \b
    Examples:
      apl aids rules
      apl aids rules --rules my_rules.toml --json
    """
    from ..aids import load_aid_rules

    rules = load_aid_rules(rules_file)
    show(rules.as_dict(), lambda: rules_page(rules), as_json=as_json)
