import { FILTERED, isDarkFill, mixed, NEUTRAL, quantile, ramp, ratioTicks } from "./colours.mjs";

/** What the map can show, in the order of the legend. */
export const LAYERS = ["zone", "apl", "etp", "practitioners", "change", "distance"];

/** Dark where there is least, as the zones are; through their colours, so that both agree. */
const APL_COLOURS = ["#3d0f00", "#661a00", "#c44e10", "#f4a259", "#fdebd3"];
/** Steps of a continuous scale: more than an eye tells apart, few enough to paint one by one. */
const SHADES = 32;
/** From a zone of higher priority than before, to one of lower: two steps and more are one. */
const CHANGE_COLOURS = ["#6a1b7d", "#b98cc9", "#f3f1ee", "#8cc79a", "#1b6b33"];
/** Strong where a zone is close, of a hue that no zone has. */
const DISTANCE_COLOURS = ["#00433d", "#21867a", "#7cc0b5", "#c3e2dc", "#eef6f4"];
/** Upper ends of the classes of distance, in units of the APL; the last class is open. */
export const DISTANCE_LIMITS = [2, 5, 10, 20];
/** Land under circles. */
const GROUND = "#f4f1ec";
/** Share mixed with white of what lies outside the chosen region. */
const FADED = 0.7;

const isNone = (value) => value === null || value === undefined;

/**
 * The layers that a page has figures for.
 *
 * @param {object} model
 * @returns {string[]}
 */
export function layersOf({ territories, meta }) {
  const some = (column) => Array.isArray(column) && column.some((value) => !isNone(value));
  const have = {
    zone: true,
    apl: some(territories.apl),
    etp: some(territories.etp),
    practitioners: some(territories.practitioners),
    change: Boolean(territories.before),
    distance: some(territories.apl) && cutsOf(meta).length > 0,
  };
  return LAYERS.filter((layer) => have[layer]);
}

/** The APL at which each zone ends and the next begins, in order. */
export function cutsOf(meta) {
  return (meta.cuts ?? []).map((cut) => cut.apl).filter((apl) => !isNone(apl));
}

/**
 * How far a territory is from the nearest zone beside its own.
 *
 * @param {number | null} apl published APL
 * @param {number} zone number of its zone
 * @param {number[]} cuts APL at which each zone ends and the next begins
 * @returns {{distance: number, zone: number} | null} distance in units of the APL and the zone it
 *   is to; null without APL
 */
export function nearestZone(apl, zone, cuts) {
  if (isNone(apl) || zone < 0) return null;
  const below = zone > 0 ? Math.abs(apl - cuts[zone - 1]) : Infinity;
  const above = zone < cuts.length ? Math.abs(cuts[zone] - apl) : Infinity;
  if (!Number.isFinite(Math.min(below, above))) return null;
  return below <= above
    ? { distance: below, zone: zone - 1 }
    : { distance: above, zone: zone + 1 };
}

/**
 * The class of change of zone: 0 and 1 higher priority than before, 2 the same, 3 and 4 lower.
 *
 * @param {number | null} before number of the zone before
 * @param {number} now number of the zone now
 * @returns {number | null}
 */
export function changeClass(before, now) {
  if (isNone(before) || before < 0 || now < 0) return null;
  return 2 + Math.max(-2, Math.min(2, now - before));
}

/**
 * The scale of the APL: even steps of lightness for even ratios, between the 2nd and the 98th
 * percentile. APLs are spread as ratios are: half and twice the middle one are about as frequent.
 *
 * @param {(number | null)[]} values
 * @returns {{low: number, high: number, colours: string[], ticks: number[],
 *   across: (apl: number) => number, shade: (apl: number) => number}} `across`: place on the
 *   scale from 0 to 1; `shade`: number of the colour
 */
export function aplScale(values) {
  const low = Math.max(1, Math.floor((quantile(values, 0.02) ?? 1) / 5) * 5);
  const high = Math.max(low + 5, Math.ceil((quantile(values, 0.98) ?? 1) / 10) * 10);
  const across = (apl) =>
    apl <= low ? 0 : Math.min(1, Math.log(apl / low) / Math.log(high / low));
  return {
    low, high, across,
    colours: ramp(APL_COLOURS, SHADES),
    ticks: ratioTicks(low, high),
    shade: (apl) => Math.min(SHADES - 1, Math.floor(across(apl) * SHADES)),
  };
}

/** Number of the class of each unit of a layer, by its figures; null where there is none. */
function classifier(model, layer, figures, territoryOf) {
  const { territories, meta } = model;
  if (layer === "apl") {
    const { shade } = aplScale(territories.apl);
    return (unit) => (isNone(figures.apl?.[unit]) ? null : shade(figures.apl[unit]));
  }
  if (layer === "etp" || layer === "practitioners") return () => 0;
  if (layer === "change") {
    const { zone: before } = figures.before;
    return (unit) => changeClass(before[unit], territories.zone[territoryOf(unit)]);
  }
  if (layer === "distance") {
    const cuts = cutsOf(meta);
    return (unit) => {
      // Zones given without a ranking, by an article or for want of data, have no cut beside them.
      if (isNone(territories.rank[unit])) return null;
      const near = nearestZone(territories.apl[unit], territories.zone[unit], cuts);
      if (!near) return null;
      const limit = DISTANCE_LIMITS.findIndex((most) => near.distance < most);
      return limit < 0 ? DISTANCE_LIMITS.length : limit;
    };
  }
  return (unit) => (territories.zone[unit] < 0 ? null : territories.zone[unit]);
}

function layerColours(model, layer) {
  if (layer === "apl") return aplScale(model.territories.apl).colours;
  if (layer === "etp" || layer === "practitioners") return [GROUND];
  if (layer === "change" || layer === "distance") return classColours(layer);
  return model.meta.zones.map((zone) => zone.colour);
}

/**
 * What to paint: a fill for every territory; for every commune too, where communes of one
 * territory may differ; and circles where the layer counts something.
 *
 * `palette` ends with the fill of hidden figures, that of zones filtered out, and all of them
 * again, faded, for what lies outside the chosen region. Classes are numbers into it.
 *
 * @param {object} model
 * @param {{layer: string, level: string, hidden: ReadonlySet<number>, region: number}} shown
 * @returns {{palette: string[], dark: boolean[], patterned: number, plain: number,
 *   territories: Uint8Array, communes: Uint8Array | null,
 *   circles: null | {values: (number | null)[], most: number}}} `dark`: whether a fill is dark;
 *   `patterned`: the class of hidden figures; `plain`: the number of classes that aren't faded
 */
export function paintOf(model, { layer, level, hidden, region }) {
  const { territories, units } = model;
  const colours = layerColours(model, layer);
  const plain = [...colours, NEUTRAL, FILTERED];
  const palette = [...plain, ...plain.map((colour) => mixed(colour, "#ffffff", FADED))];
  const painted = (count, territoryOf, classOf) =>
    Uint8Array.from({ length: count }, (_, unit) => {
      const territory = territoryOf(unit);
      if (territory < 0) return colours.length;
      const number = hidden.has(territories.zone[territory])
        ? colours.length + 1
        : classOf(unit) ?? colours.length;
      const faded = region >= 0 && territories.region[territory] !== region;
      return faded ? number + plain.length : number;
    });
  const self = (territory) => territory;
  const within = (unit) => units.territory[unit];
  const communes = level === "communes" ? model.communes : null;
  const differ = layer === "apl" || (layer === "change" && communes?.before);
  const paint = {
    palette,
    dark: palette.map(isDarkFill),
    patterned: colours.length,
    plain: plain.length,
    territories: painted(
      territories.code.length, self, classifier(model, layer, territories, self),
    ),
    communes:
      communes && differ
        ? painted(communes.code.length, within, classifier(model, layer, communes, within))
        : null,
    circles: null,
  };
  if (layer === "etp" || layer === "practitioners") {
    const figures = (communes ?? territories)[layer] ?? [];
    let most = 0;
    for (const value of figures) if (value > most) most = value;
    const territoryOf = communes ? within : self;
    const values = Array.from(figures, (value, unit) =>
      paint.territories[territoryOf(unit)] === 0 ? value : 0,
    );
    paint.circles = { values, most };
  }
  return paint;
}

/** Territories and inhabitants of each zone, in a region or everywhere (-1). */
export function zoneCounts({ territories, meta }, region) {
  const counts = meta.zones.map(() => ({ territories: 0, people: 0 }));
  for (let i = 0; i < territories.zone.length; i++) {
    const count = counts[territories.zone[i]];
    if (!count || (region >= 0 && territories.region[i] !== region)) continue;
    count.territories++;
    count.people += territories.population?.[i] ?? 0;
  }
  return counts;
}

/** Territories in each class of a layer of classes (change, distance), in a region or everywhere. */
export function classCounts(model, layer, region) {
  const shown = { layer, level: "territories", hidden: new Set(), region };
  const { territories, plain } = paintOf(model, shown);
  const counts = new Array(plain).fill(0);
  for (const number of territories) if (number < plain) counts[number]++;
  return counts;
}

/** Colours of the classes of a layer. */
export function classColours(layer) {
  return layer === "change" ? CHANGE_COLOURS : DISTANCE_COLOURS;
}
