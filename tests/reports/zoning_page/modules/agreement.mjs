// Prints what the page finds otherwise than the command; the file of cases is given.
import { readFileSync } from "node:fs";

const assets = "../../../../apl_engine/reports/zoning_page/assets/";
const { Gazetteer } = await import(`${assets}search.mjs`);

const { model, cases } = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const gazetteer = new Gazetteer(model);
const code = ({ kind, index }) =>
  kind === "territory" ? model.territories.code[index] : model.communes.code[index];
const unlike = cases.filter(([text, codes, unique]) => {
  const page = gazetteer.search(text, 40).map(code);
  return unique ? page[0] !== codes[0] : !codes.every((one) => page.includes(one));
});
console.log(JSON.stringify(unlike));
