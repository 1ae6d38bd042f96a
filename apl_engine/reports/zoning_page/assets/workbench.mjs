/** The workbench of an agency. */
import { marginOf } from "./margin.mjs";
import { proposalText, readProposal } from "./proposal.mjs";
import { judge, readCountry, regionOf } from "./rules.mjs";

/** Replaced soon; what it stands on is here. */
export function makeWorkbench() {
  return { marginOf, proposalText, readProposal, judge, readCountry, regionOf };
}
