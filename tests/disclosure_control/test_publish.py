"""A publication: what it shows, that it can be had from other supplies, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from support.compared import country
from support.full_runs import full_run
from support.publications import interval, mayenne, plan_of_mayenne
from support.tables import frames, small_world

from apl_engine import InputDataError, Note, Result, read_result, run, write_result
from apl_engine.cli import publish as publish_command
from apl_engine.disclosure_control import publication_rules, publish
from apl_engine.disclosure_control.publish import Plan
from apl_engine.method.result import Published
from apl_engine.results import make_record

STEPS = {"commune_apl": 5.0, "territory_apl": 1.0, "territory_etp": 1.0, "total_etp": 10.0}


@pytest.fixture(scope="module")
def exact() -> Result:
    return mayenne()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of_mayenne()


@pytest.fixture(scope="module")
def published(exact: Result) -> Published:
    return publish(exact)


def is_multiple(values: pl.Series, step: float) -> bool:
    shown = values.drop_nulls().to_numpy()
    return bool(np.allclose(shown / step, np.rint(shown / step)))


def test_figures_are_rounded_or_hidden(exact: Result, published: Published) -> None:
    assert published.publication
    assert dict(published.publication.steps) == STEPS
    assert published.communes["etp"].null_count() == published.communes.height
    for name, column, step in (
        ("communes", "apl", 5.0),
        ("territories", "apl", 1.0),
        ("territories", "etp", 1.0),
    ):
        before, after = getattr(exact, name)[column], getattr(published, name)[column]
        assert is_multiple(after, step)
        assert ((after - before).abs() <= step / 2 + 1e-9).drop_nulls().all()
        assert after.null_count() == published.publication.hidden[f"{name}_{column}"]


def test_counts_of_few_practitioners_are_hidden(exact: Result, published: Published) -> None:
    for name in ("communes", "territories"):
        before, after = (getattr(each, name)["practitioners"] for each in (exact, published))
        assert after.is_null().equals(before < 5)
    small = exact.territories["practitioners"] < 5
    assert published.territories.filter(small)["etp"].null_count() == small.sum()


def test_what_nobody_supplies_and_zones_stay(exact: Result, published: Published) -> None:
    kept = ["commune", "name", "population", "standardised_population", "demand_reached", "zone"]
    assert published.communes.select(kept).equals(exact.communes.select(kept))
    assert published.territories["zone"].equals(exact.territories["zone"])
    assert published.regions.equals(exact.regions)
    nobody = exact.communes["apl"] == 0
    assert nobody.any()
    assert (published.communes.filter(nobody)["apl"] == 0).all()


def test_ranks_follow_from_what_is_shown(published: Published) -> None:
    """A rank is one more than the number of territories that the table shows to be before."""
    order = {zone.id: k for k, zone in enumerate(published.methodology.zoning.classes)}
    rows = published.territories.to_dicts()
    total = sum(row["population"] for row in rows)
    for row in rows:
        if row["apl"] is None:
            assert row["rank"] is None
            assert row["cumulative_share"] is None
            continue
        zone = order[row["zone"]]
        lower = [r for r in rows if order[r["zone"]] < zone]
        same = [r for r in rows if r["zone"] == row["zone"] and r["apl"] is not None]
        before = [*lower, *(r for r in same if r["apl"] < row["apl"])]
        assert row["rank"] == len(before) + 1
        through = [*lower, *(r for r in same if r["apl"] <= row["apl"])]
        share = 100 * sum(r["population"] for r in through) / total
        assert row["cumulative_share"] == pytest.approx(share)


def test_cuts_follow_from_what_is_shown(published: Published) -> None:
    shown = published.territories.drop_nulls("apl")
    zones = [zone.id for zone in published.methodology.zoning.classes]
    for k, cut in enumerate(published.cuts):
        inside = shown["zone"].is_in(zones[: k + 1])
        assert cut.highest_apl == shown.filter(inside)["apl"].max()
        assert cut.next_apl == shown.filter(~inside)["apl"].min()
        assert cut.next_territory is None


def test_each_proof_is_two_worlds_with_the_same_publication(exact: Result, plan: Plan) -> None:
    """The engine itself computes other supplies to what was published."""
    supply, layout, known, protected, _ = plan
    groups = known.groups
    shown = ~protected.hidden
    rows = layout.rows["commune_apl"]
    seen = np.where(rows >= 0, shown[rows], True)
    seen_of = shown[layout.rows["territory_apl"]] & (layout.rows["territory_apl"] >= 0)
    median = exact.median_acts
    worlds = {id(w): w for proofs in protected.proofs for proof in proofs for w in proof}
    for world in worlds.values():
        etp = exact.communes["etp"].to_numpy().copy()
        etp[supply.communes[world.columns]] += world.change
        acts = etp[supply.communes[world.columns]] * median
        assert np.allclose(acts, np.rint(acts), atol=1e-6)
        practitioners = supply.practitioners[world.columns]
        assert (acts <= practitioners * exact.ceiling_acts + 1e-6).all()
        communes, areas, _ = full_run(exact, exact.network, pl.Series("etp", etp))
        assert areas["zone"].equals(exact.territories["zone"])
        for values, table, step, mask in (
            (communes["apl"], "commune_apl", 5.0, seen),
            (areas["apl"], "territory_apl", 1.0, seen_of),
        ):
            other = np.rint(values.to_numpy() / step) * step
            assert np.array_equal(other[mask], layout.values[table][mask])
        own = layout.rows["territory_etp"]
        mask = (own >= 0) & shown[own]
        assert np.array_equal(
            np.rint(areas["etp"].to_numpy())[mask], layout.values["territory_etp"][mask]
        )
        assert round(etp.sum(), -1) == layout.values["total_etp"][0]
    assert len(worlds) > 20
    few = {j for j in range(len(supply.communes)) if supply.practitioners[j] < 5}
    assert {int(g.columns[0]) for g in groups if len(g.columns) == 1} == few
    for k, (group, proofs) in enumerate(zip(groups, protected.proofs, strict=True)):
        assert proofs or k in protected.unprotected
        for high, low in proofs:
            apart = group.change_in(high) - group.change_in(low)
            assert apart >= 0.4 * group.value


def test_linear_programs_over_all_figures_disclose_nobody(plan: Plan) -> None:
    _, layout, known, protected, _ = plan
    groups = known.groups
    figures = layout.figures
    shown = np.flatnonzero(~protected.hidden)
    lower, upper = figures.lower[shown], figures.upper[shown]
    bounds = np.stack([known.unknowns.least, known.unknowns.most], 1)
    for k in range(0, len(groups), 5):
        group = np.zeros(len(bounds))
        group[groups[k].columns] = groups[k].weights
        least, most = interval(figures.matrix[shown], lower, upper, bounds, group)
        disclosed = (most - least) / 2 < 0.2 * groups[k].value
        assert disclosed == (k in protected.unprotected)


def test_the_publication_is_the_same_for_any_number_of_threads(exact: Result) -> None:
    one, two = (publish(exact, step=20, threads=threads) for threads in (1, 2))
    assert one == two
    assert one.publication == two.publication


def test_a_larger_step_hides_less(exact: Result, published: Published) -> None:
    coarse = publish(exact, step=20, territory_step=5, etp_step=5)
    assert coarse.publication
    assert published.publication
    hidden = published.publication.hidden["communes_apl"]
    assert coarse.publication.hidden["communes_apl"] < hidden
    assert is_multiple(coarse.communes["apl"], 20)


def test_it_is_written_and_read(exact: Result, published: Published, tmp_path: Path) -> None:
    write_result(published, tmp_path / "public")
    stored = read_result(tmp_path / "public")
    assert stored.publication == published.publication
    assert stored.communes.equals(published.communes)
    text = (tmp_path / "public" / "record.json").read_text("utf-8")
    record = json.loads(text)
    assert record["publication"]["steps"] == STEPS
    assert record["totals"]["etp"] == 10 * round(exact.communes["etp"].sum() / 10)
    assert record["totals"]["reachable_etp"] is None
    assert record["ambiguous_zones"] == []
    assert record["located"] == {}


def test_no_digest_or_count_of_practitioners_is_published(tmp_path: Path) -> None:
    """Who is excluded, newly installed or at the ceiling may be a single person."""
    tables = frames(small_world())
    for name, frame in tables.items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
    public = {"kind": "mesh", "files": [], "tables": {"communes": 3}}
    imports = (public, {**public, "kind": "activity"}, {**public, "kind": "of tomorrow"})
    notes = (
        Note("population.missing_cells", 1), Note("conversion.practices_merged", 1),
        Note("zoning.step_ends", 1, details={"value": "[0, 15[", "pairs": 3}),
        Note("accessibility.unreachable_supply", 1, details={"etp": 0.7}),
    )  # fmt: skip
    result = run(tmp_path)
    exact = make_record(result)
    published = publish(replace(result, imports=imports, notes=notes), min_practitioners=2)
    record = make_record(published)
    whole, shown = ({e["table"]: e for e in r["inputs"]} for r in (exact, record))
    assert "sha256" in whole["practitioners"]
    assert shown["practitioners"] == {
        "table": "practitioners", "format": "Parquet", "rows": None,
    }  # fmt: skip
    assert shown["population"] == whole["population"]
    counts = record["counts"]
    assert counts["rows"] == {**exact["counts"]["rows"], "practitioners": None}
    known = {name for name, count in counts["practitioners"].items() if count is not None}
    assert known == {"counted"}
    assert counts["communes"] == exact["counts"]["communes"]
    assert record["imports"] == [public]
    codes = [note["code"] for note in record["notes"]]
    assert codes[0] == "population.missing_cells"
    assert all(code.startswith("publication.") for code in codes[1:])


def test_the_defaults_are_cited() -> None:
    rules = publication_rules()
    assert (rules.protection.min_practitioners, rules.protection.percent) == (5, 20)
    assert {name: float(getattr(rules.steps, name)) for name in STEPS} == STEPS


def test_the_help_states_the_defaults() -> None:
    rules = publication_rules()
    stated = {
        "min_practitioners": rules.protection.min_practitioners,
        "protection": rules.protection.percent,
        "attacker": rules.protection.attacker,
        "step": rules.steps.commune_apl,
        "territory_step": rules.steps.territory_apl,
        "etp_step": rules.steps.territory_etp,
    }
    helps = {one.name: getattr(one, "help", "") for one in publish_command.command.params}
    for name, value in stated.items():
        assert f"Default: {value}." in helps[name]


def code_of(result: Result | Published, **options: object) -> list[str]:
    with pytest.raises(InputDataError) as caught:
        publish(result, **options)  # type: ignore[arg-type]
    return [fault.code for fault in caught.value.faults]


def test_what_cannot_be_published_is_refused(exact: Result, published: Published) -> None:
    assert code_of(published) == ["publication.already_published"]
    assert code_of(exact, min_practitioners=10_000) == ["publication.too_few"]
    areas = exact.territories.with_columns(zone=pl.lit("intermediaire"))
    moved = replace(exact, territories=areas)
    assert code_of(moved) == ["publication.adapted"]
    bare = replace(exact, communes=exact.communes.drop("etp", "practitioners", "demand_reached"))
    assert code_of(bare) == ["publication.no_supply"]


def test_without_small_groups_nothing_is_hidden() -> None:
    """Twelve practitioners, all in one commune."""
    tables = country()
    rows, home = tables["practitioners"], tables["communes"][0]["commune"]
    tables["practitioners"] = [
        {**rows[k % len(rows)], "practitioner_id": f"q{k}", "commune": home} for k in range(12)
    ]
    published = publish(run(frames(tables)))
    assert (published.publication.groups, published.publication.unprotected) == (0, ())
    assert published.communes["apl"].null_count() == 0


@pytest.mark.parametrize("name", ["protection", "step", "territory_step", "etp_step"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "5", True])
def test_arguments_out_of_range_are_refused(exact: Result, name: str, value: object) -> None:
    assert code_of(exact, **{name: value}) == ["publication.out_of_range"]


def test_an_unknown_attacker_is_refused(exact: Result) -> None:
    assert code_of(exact, attacker="neighbour") == ["publication.unknown_attacker"]


def test_a_colleague_learns_nothing_closely(exact: Result) -> None:
    """Whoever knows its own ETP keeps a proof that leaves it as it is."""
    from apl_engine.disclosure_control.publish import plan_publication

    rules = publication_rules()
    protection = replace(rules.protection, attacker="colleague")
    plan = plan_publication(exact, replace(rules, protection=protection))
    alone = np.flatnonzero(plan.supply.unknowns.alone)
    for group, proofs in zip(plan.known.groups, plan.protected.proofs, strict=True):
        for one in np.setdiff1d(alone, group.columns) if proofs else []:
            assert any(one not in proof.moved for proof in proofs)
    hidden = int(plan.protected.hidden.sum())
    assert hidden >= int(plan_of_mayenne().protected.hidden.sum())
