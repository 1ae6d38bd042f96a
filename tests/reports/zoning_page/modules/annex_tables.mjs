// The tables of the annex of proposals, for the comparison with the annex itself.
import { ANNEX_TABLES, annexTable, tabbedText }
  from "../../../../apl_engine/reports/zoning_page/assets/annex_tables.mjs";
import { readCountry, regionOf } from "../../../../apl_engine/reports/zoning_page/assets/rules.mjs";
import { answerLines } from "./lines.mjs";

answerLines(({ model, proposal, table }) => {
  if (table) return tabbedText(table, ",");
  const region = regionOf(readCountry(model), proposal.region);
  return Object.fromEntries(
    ANNEX_TABLES.map((name) => [name, annexTable(name, model, region, proposal)]));
});
