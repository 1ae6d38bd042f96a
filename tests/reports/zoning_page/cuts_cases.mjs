// Reads cases from standard input, and writes the zones of each: see test_national.py.
import { readFileSync } from "node:fs";
import { Cuts } from "../../../apl_engine/reports/zoning_page/assets/cuts.mjs";

const cases = JSON.parse(readFileSync(0, "utf8"));
const answers = cases.map(({ order, shares }) => {
  const cuts = new Cuts(order);
  const steps = shares.map(([number, part]) => (number * cuts.unit) / part);
  const { low, high } = cuts.zonesAt(steps);
  return { low: [...low], high: [...high], total: cuts.total };
});
process.stdout.write(JSON.stringify(answers));
