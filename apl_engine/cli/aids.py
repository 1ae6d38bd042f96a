"""`apl aids`: aids and rules of installation."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from .aids_options import (
    codes_in,
    place_of,
    place_options,
    read_day,
    rules_option,
    zoned_place,
    zones_option,
)
from .aids_output import commune_page, contract_page, installation_page, rules_page, uplift_page
from .options import FAILURE, FilledPath, fail_cleanly, json_option, print_json


@click.group("aids")
def command() -> None:
    """Tell what aids a zone opens, what a contract brings and when, and who may install.

    Every amount is shown with its article, or with how it was inferred. See docs/aids.md.

    \b
    Examples:
      apl aids commune 72003 --on 2025-09-15 --zones zones-2024
      apl aids contract my_contract.toml
      apl aids uplift zones-2024 --region 52
      apl aids install --zone non_prioritaire --on 2025-09-15 --departure 2025-06-30
      apl aids rules
    """


@command.command("commune")
@click.option(
    "--on",
    "day",
    callback=read_day,
    metavar="DAY",
    required=True,
    help="The day that is asked about.",
)
@place_options
@rules_option
@json_option
@fail_cleanly
def commune_command(
    commune: str | None,
    day: date,
    zone: str | None,
    zones: Path | None,
    rules_file: Path | None,
    as_json: bool,
) -> None:
    """Show which aids and which regulation the zone of a commune opens.

    CODE is an INSEE code, looked up in --zones; or give --zone alone.

    \b
    Examples:
      apl aids commune 72003 --on 2025-09-15 --zones zones-2024
      apl aids commune --zone sous_dotee --on 2022-01-31
      apl aids commune --zone non_prioritaire --on 2025-09-15 --json
    """
    from ..aids import aids_of_zone, load_aid_rules

    place = place_of(commune, zone, zones)
    found = aids_of_zone(str(place.zone if place else zone), day, load_aid_rules(rules_file))
    if as_json:
        print_json({"place": None if place is None else vars(place), **found.as_dict()})
    else:
        click.echo(commune_page(found, place))


@command.command("contract")
@click.argument("contract_file", metavar="CONTRACT", type=FilledPath())
@click.option(
    "--until",
    callback=read_day,
    metavar="DAY",
    help="Follow tacit renewals that begin up to this day.",
)
@zones_option
@rules_option
@json_option
@fail_cleanly
def contract_command(
    contract_file: Path,
    until: date | None,
    zones: Path | None,
    rules_file: Path | None,
    as_json: bool,
) -> None:
    """Show what a contract brings and when, each line with its rule.

    CONTRACT is a TOML file, described in docs/aids.md. It holds no name and no identifier of a
    practitioner. Its zone on the day of signature stands in it; else that of --zones is taken for
    it.

    \b
    Examples:
      apl aids contract my_contract.toml
      apl aids contract my_contract.toml --until 2031-12-31
      apl aids contract my_contract.toml --zones zones-2024 --json
    """
    from ..aids import load_aid_rules, read_contract, schedule

    rules = load_aid_rules(rules_file)
    contract = read_contract(contract_file, rules)
    place = None
    if zones is not None:
        if contract.commune is None:
            raise click.UsageError("--zones needs commune = in CONTRACT.")
        place = zoned_place(zones, contract.commune)
        contract = replace(contract, zone=contract.zone or place.zone)
    found = schedule(contract, rules, until=until)
    if as_json:
        print_json({"place": None if place is None else vars(place), **found.as_dict()})
    else:
        click.echo(contract_page(found, place))


@command.command("uplift")
@click.argument("zones", metavar="OUT", type=FilledPath())
@click.option("--region", required=True, help="INSEE code of the agency's region, such as 52.")
@click.option(
    "--list",
    "list_file",
    type=FilledPath(),
    help="Check these territories: a file with a code on each line. Without it they are chosen.",
)
@click.option(
    "--basis",
    type=click.Choice(["count", "population"]),
    help="What the limit is of: the number of zones (by default) or their population.",
)
@click.option(
    "--on",
    "day",
    callback=read_day,
    metavar="DAY",
    help="Rules of this day; by default the last known.",
)
@rules_option
@json_option
@fail_cleanly
def uplift_command(
    zones: Path,
    region: str,
    list_file: Path | None,
    basis: str | None,
    day: date | None,
    rules_file: Path | None,
    as_json: bool,
) -> None:
    """Choose the territories whose aid an agency may raise, or check a list of them.

    OUT is the folder that `apl run` or `apl zone` wrote. Chosen are those of the lowest APL, up
    to the part of the zones très sous dotées that the contract allows.

    Exits with 0 where the list may stand, 1 where it may not, 3 where a file is malformed.

    \b
    Examples:
      apl aids uplift zones-2024 --region 52
      apl aids uplift zones-2024 --region 52 --list particularly_short.txt
      apl aids uplift zones-2024 --region 52 --basis population --json
    """
    from ..aids import check_uplift, choose_uplift, load_aid_rules
    from ..results.read import read_result

    rules = load_aid_rules(rules_file)
    result = read_result(zones)
    result.check_whole()
    territories = result.territories
    if list_file is None:
        found = choose_uplift(territories, region, basis=basis, on=day, rules=rules)
    else:
        codes = codes_in(list_file)
        found = check_uplift(territories, region, codes, basis=basis, on=day, rules=rules)
    if as_json:
        print_json(found.as_dict())
    else:
        click.echo(uplift_page(found))
    if not found.allowed:
        sys.exit(FAILURE)


@command.command("install")
@click.option(
    "--on",
    "day",
    callback=read_day,
    metavar="DAY",
    required=True,
    help="First day under the convention.",
)
@place_options
@click.option(
    "--entered",
    type=click.IntRange(1950, 2199),
    metavar="YEAR",
    help="Year of entry into the training.",
)
@click.option(
    "--establishment-months",
    type=int,
    default=0,
    metavar="MONTHS",
    help="Experience in an establishment in France.",
)
@click.option("--commits", is_flag=True, help="Commits to begin in a zone that lacks supply.")
@click.option(
    "--departure",
    callback=read_day,
    metavar="DAY",
    help="Last day of the colleague who is succeeded.",
)
@click.option("--departure-acts", type=int, metavar="ACTS", help="Acts of the year before it.")
@click.option("--taken", is_flag=True, help="That departure has a successor already.")
@click.option("--derogation", metavar="A|B|C", help="Ground of article 1.2.3 that is claimed.")
@rules_option
@json_option
@fail_cleanly
def install_command(
    commune: str | None,
    day: date,
    zone: str | None,
    zones: Path | None,
    entered: int | None,
    establishment_months: int,
    commits: bool,
    departure: date | None,
    departure_acts: int | None,
    taken: bool,
    derogation: str | None,
    rules_file: Path | None,
    as_json: bool,
) -> None:
    """Say whether an installation may be conventioned, and why.

    Exits with 0 whatever the answer is.

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
    place = place_of(commune, zone, zones)
    left = None if departure is None else Departure(departure, departure_acts, taken)
    plan = Plan(
        zone=str(place.zone if place else zone),
        on=day,
        entered=entered,
        establishment_months=establishment_months,
        commits=commits,
        departure=left,
        derogation=derogation,
    )
    found = check_installation(plan, load_aid_rules(rules_file))
    if as_json:
        print_json({"place": None if place is None else vars(place), **found.as_dict()})
    else:
        click.echo(installation_page(found, place))


@command.command("rules")
@rules_option
@json_option
@fail_cleanly
def rules_command(rules_file: Path | None, as_json: bool) -> None:
    """Show every value with its source, since when it holds and how sure it is.

    \b
    Examples:
      apl aids rules
      apl aids rules --rules my_rules.toml --json
    """
    from ..aids import load_aid_rules

    rules = load_aid_rules(rules_file)
    if as_json:
        print_json(rules.as_dict())
    else:
        click.echo(rules_page(rules))
