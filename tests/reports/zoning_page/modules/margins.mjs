// What the margin allows for every territory of a model, for the comparison with the command.
import { marginOf } from "../../../../apl_engine/reports/zoning_page/assets/margin.mjs";
import { answerLines } from "./lines.mjs";

answerLines((model) => model.territories.code.map((_, number) => marginOf(model, number)));
