// Reads and writes files of proposals, for the comparison with the command.
import { ProposalFileError, proposalText, readProposal }
  from "../../../../apl_engine/reports/zoning_page/assets/proposal.mjs";
import { answerLines } from "./lines.mjs";

answerLines(({ text, proposal, comments, rules }) => {
  if (proposal) {
    return proposalText(proposal, new Map(Object.entries(comments)), rules.dates, "to be filled in");
  }
  try {
    return { proposal: readProposal(text, rules) };
  } catch (error) {
    if (!(error instanceof ProposalFileError)) throw error;
    return { faults: error.faults };
  }
});
