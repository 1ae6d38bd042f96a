/** The legend: what the map shows, which zones, which lines; each can be switched. */

import { el, fill } from "./dom.mjs";
import { number, people } from "./format.mjs";
import {
  aplScale, classColours, classCounts, cutsOf, DISTANCE_LIMITS, layersOf, zoneCounts,
} from "./layers.mjs";
import { radiusOf } from "./painter.mjs";
import { change, state, watch } from "./state.mjs";
import { inLanguage, t } from "./text.mjs";

const BORDER_KINDS = ["region", "departement", "territory", "commune"];

/** A choice among several, as radio buttons with a heading. */
function radios(name, heading, chosen, options) {
  return el(
    "fieldset", { class: `legend-${name}` },
    el("legend", {}, heading),
    options.map(({ value, text, disabled }) =>
      el(
        "label", {},
        el("input", {
          type: "radio", name: `map-${name}`, value, checked: value === chosen, disabled,
          onchange: () => change({ [name]: value }),
        }),
        text,
      ),
    ),
  );
}

/** Zones with a box to tick each: how many territories and people they have. */
function zonesPart(model) {
  const counts = zoneCounts(model, state.region ?? -1);
  return el(
    "fieldset", { class: "legend-zones" },
    el("legend", {}, t("map.zones")),
    model.meta.zones.map((zone, i) =>
      el(
        "label", {},
        el("input", {
          type: "checkbox", value: i, checked: !state.hidden.has(i),
          onchange: (event) => {
            const hidden = new Set(state.hidden);
            if (event.target.checked) hidden.delete(i);
            else hidden.add(i);
            change({ hidden });
          },
        }),
        el("span", { class: "swatch", style: { background: zone.colour } }),
        el(
          "span", {},
          inLanguage(zone, "label"),
          el(
            "small", {},
            t("map.territories", { n: counts[i].territories, n_text: number(counts[i].territories) }),
            " · ",
            people(counts[i].people),
          ),
        ),
      ),
    ),
  );
}

/** Numbers of the territories whose zone the text gives, without a place in the order. */
function imposedTerritories({ meta, territories }) {
  const imposed = new Set(meta.card.reasons.flatMap(({ kind }, i) => (kind === "imposed" ? [i] : [])));
  return territories.reason.flatMap((reason, i) => (imposed.has(reason) ? [i] : []));
}

/** Says how many of the territories counted have no rank, and where they are. */
function unrankedPart({ meta, territories }, unranked) {
  const mine = unranked.filter((i) => state.region === null || territories.region[i] === state.region);
  if (!mine.length) return null;
  const regions = [...new Set(mine.map((i) => meta.regions[territories.region[i]]?.name ?? ""))];
  return el("p", {}, t("map.unranked", { n: mine.length, n_text: number(mine.length), regions: regions.join(", ") }));
}

/** The mark of figures that are not published. */
function hiddenMark() {
  return el("p", { class: "legend-row" }, el("span", { class: "swatch legend-hidden" }), t("map.hidden_figure"));
}

/** The continuous scale of the APL, with the APL at which zones change. */
function aplPart(model) {
  const scale = aplScale(model.territories.apl);
  const across = (apl) => `${(100 * scale.across(apl)).toFixed(1)}%`;
  const cuts = cutsOf(model.meta).filter((apl) => apl > scale.low && apl < scale.high);
  return [
    el(
      "div", { class: "legend-scale", "aria-hidden": "true" },
      el(
        "div",
        { class: "legend-bar", style: { "background-image": `linear-gradient(to right, ${scale.colours.join(", ")})` } },
        cuts.map((apl) => el("i", { style: { left: across(apl) } })),
      ),
      scale.ticks.map((tick) => el("span", { style: { left: across(tick) } }, number(tick))),
    ),
    el("p", {}, t("map.apl_scale", { low: number(scale.low), high: number(scale.high) })),
    cuts.length > 0 && el("p", {}, t("map.apl_cuts", { cuts: cuts.map((apl) => number(apl, Number.isInteger(apl) ? 0 : 1)).join(" · ") })),
    hiddenMark(),
  ];
}

/** Circles of a few sizes, for the layers that count. */
function circlesPart(model, layer) {
  const values = (state.level === "communes" && model.communes?.[layer]) || model.territories[layer];
  let most = 0;
  for (const value of values) if (value > most) most = value;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  const top = Math.floor(most / power) * power;
  const sizes = [...new Set([top, top / 4, top / 20].map((size) => Math.max(1, Math.round(size))))];
  return [
    el(
      "ul", { class: "legend-circles" },
      sizes.map((size) => {
        const side = `${2 * radiusOf(size, most)}px`;
        return el("li", {}, el("span", { style: { width: side, height: side } }), number(size));
      }),
    ),
    el("p", {}, t(`map.${layer}_scale`)),
    el("p", { class: "legend-row" }, el("span", { class: "legend-dot" }), t("map.hidden_circle")),
  ];
}

function classesPart(model, layer) {
  const counts = classCounts(model, layer, state.region ?? -1);
  const colours = classColours(layer);
  const text =
    layer === "change"
      ? (i) => t(`map.change_${i}`)
      : (i) =>
          i < DISTANCE_LIMITS.length
            ? t("map.distance_class", { low: number(i ? DISTANCE_LIMITS[i - 1] : 0), high: number(DISTANCE_LIMITS[i]) })
            : t("map.distance_beyond", { low: number(DISTANCE_LIMITS[i - 1]) });
  const missing = counts[colours.length];
  return [
    el(
      "ul", { class: "legend-classes" },
      colours.map((colour, i) =>
        el(
          "li", {},
          el("span", { class: "swatch", style: { background: colour } }),
          el("span", {}, text(i), el("small", {}, t("map.territories", { n: counts[i], n_text: number(counts[i]) }))),
        ),
      ),
      missing > 0 &&
        el(
          "li", {},
          el("span", { class: "swatch legend-hidden" }),
          el("span", {}, t(`map.${layer}_none`), el("small", {}, t("map.territories", { n: missing, n_text: number(missing) }))),
        ),
    ),
    el("p", {}, layer === "distance"
      ? t("map.distance_formula", { cuts: cutsOf(model.meta).map((apl) => number(apl, Number.isInteger(apl) ? 0 : 1)).join(" · ") })
      : t("map.change_note")),
  ];
}

function keyPart(model) {
  const { layer } = state;
  if (layer === "apl") return aplPart(model);
  if (layer === "etp" || layer === "practitioners") return circlesPart(model, layer);
  if (layer === "change" || layer === "distance") return classesPart(model, layer);
  return null;
}

/** Lines to switch; the sample of each is drawn as on the map. */
function linesPart(hasCommunes) {
  return el(
    "fieldset", { class: "legend-lines" },
    el("legend", {}, t("map.lines")),
    BORDER_KINDS.filter((kind) => hasCommunes || kind !== "commune").map((kind) =>
      el(
        "label", {},
        el("input", {
          type: "checkbox", value: kind, checked: state.lines[kind],
          onchange: (event) => change({ lines: { ...state.lines, [kind]: event.target.checked } }),
        }),
        el("span", { class: `legend-line legend-line-${kind}` }),
        t(`map.lines_${kind}`),
      ),
    ),
  );
}

/**
 * Makes the legend in an element.
 *
 * @param {HTMLElement} root
 * @param {any} model
 */
export function makeLegend(root, model) {
  const hasCommunes = model.meta.boundaries.communes;
  const unranked = imposedTerritories(model);
  const draw = () => {
    // Controls are made anew: the one that was used keeps the focus.
    const used = root.contains(document.activeElement) ? document.activeElement : null;
    const mark = used && `input[type="${used.type}"][value="${used.value}"]`;
    const place = used?.closest("fieldset")?.className;
    fill(
      root,
      radios("layer", t("map.layer"), state.layer, layersOf(model).map((value) => ({ value, text: t(`map.layer_${value}`) }))),
      keyPart(model),
      hasCommunes && model.units.territory.length > model.territories.code.length &&
        radios("level", t("map.level"), state.level, [
          { value: "territories", text: t("map.level_territories") },
          { value: "communes", text: t("map.level_communes"), disabled: !model.communes },
        ]),
      zonesPart(model),
      unranked.length > 0 && unrankedPart(model, unranked),
      state.proposal &&  el("p", { class: "legend-row" }, el("span", { class: "swatch legend-moved" }), t("map.moved")),
      linesPart(hasCommunes),
    );
    if (used) /** @type {HTMLElement | null} */ (root.querySelector(`.${place} ${mark}`))?.focus();
  };
  draw();
  watch(["lang", "layer", "level", "hidden", "region", "lines", "proposal"], draw);
  return { redraw: draw };
}
