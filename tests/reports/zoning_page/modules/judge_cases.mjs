// Judges proposals on a model, for the comparison with the command.
import { judge, readCountry, regionOf }
  from "../../../../apl_engine/reports/zoning_page/assets/rules.mjs";
import { answerLines } from "./lines.mjs";

answerLines(({ model, proposals }) => {
  const country = readCountry(model);
  const regions = new Map();
  return proposals.map((proposal) => {
    const code = proposal.region;
    if (!regions.has(code)) regions.set(code, regionOf(country, code));
    return judge(regions.get(code), proposal).map((finding) => ({
      ...finding,
      figures: Object.fromEntries(
        Object.entries(finding.figures).map(([name, value]) => [name, `${value}`])),
    }));
  });
});
