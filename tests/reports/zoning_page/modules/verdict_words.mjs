// The words for the findings on proposals, in both languages.
import { judge, readCountry, regionOf }
  from "../../../../apl_engine/reports/zoning_page/assets/rules.mjs";
import { setTexts } from "../../../../apl_engine/reports/zoning_page/assets/text.mjs";
import { VerdictWords } from "../../../../apl_engine/reports/zoning_page/assets/verdict_words.mjs";
import { answerLines } from "./lines.mjs";

answerLines(({ model, proposals, texts }) => {
  const country = readCountry(model);
  return proposals.map((proposal) => {
    const region = regionOf(country, proposal.region);
    const words = new VerdictWords(model, region);
    const findings = judge(region, proposal);
    return Object.fromEntries(Object.keys(texts).map((lang) => {
      setTexts(texts, lang);
      return [lang, findings.map((one) => words.sentence(one))];
    }));
  });
});
