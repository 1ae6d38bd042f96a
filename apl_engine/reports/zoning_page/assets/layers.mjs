import { FILTERED, isDarkFill, mixed, NEUTRAL, quantile, ramp, ratioTicks } from "./colours.mjs";

/** What the map can show, in the order of the legend. */
export const LAYERS = ["zone", "apl", "etp", "practitioners", "change", "distance"];

/** Dark where there is least, as the zones are; through their colours, so that both agree. */
const APL_COLOURS = ["#3d0f00", "#661a00", "#c44e10", "#f4a259", "#fdebd3"];
/** Steps of a continuous scale: more than an eye tells apart, few enough to paint one by one. */
const SHADES = 40;
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

/**
 * What to paint: a fill for every unit, and circles where the layer counts something.
 *
 * `palette` ends with the fill of hidden figures, that of zones filtered out, and all of them
 * again, faded, for what lies outside the chosen region. `classes` are numbers into it.
 *
 * @param {object} model
 * @param {{layer: string, level: string, hidden: number[], region: number}} shown
 * @returns {{palette: string[], dark: boolean[], patterned: number, classes: Uint8Array,
 *   circles: null | {values: (number | null)[], most: number}}}
 */
export function paintOf(model, { layer, level, hidden, region }) {
  const { territories, meta } = model;
  const byCommune = level === "communes" && model.communes;
  const count = byCommune ? model.communes.code.length : territories.code.length;
  const territoryOf = byCommune ? (unit) => model.units.territory[unit] : (unit) => unit;
  const values = byCommune ? model.communes : territories;
  let colours, classOf;
  let circles = null;
  if (layer === "apl") {
    const scale = aplScale(territories.apl);
    colours = scale.colours;
    classOf = (unit) => (isNone(values.apl[unit]) ? null : scale.shade(values.apl[unit]));
  } else if (layer === "etp" || layer === "practitioners") {
    colours = [GROUND];
    classOf = () => 0;
    const column = values[layer] ?? [];
    let most = 0;
    for (const value of column) if (value > most) most = value;
    circles = { values: column, most };
  } else if (layer === "change") {
    colours = CHANGE_COLOURS;
    const before = values.before ?? territories.before;
    const own = Boolean(values.before);
    classOf = (unit) =>
      changeClass(before.zone[own ? unit : territoryOf(unit)], territories.zone[territoryOf(unit)]);
  } else if (layer === "distance") {
    colours = DISTANCE_COLOURS;
    const cuts = cutsOf(meta);
    const ofTerritory = territories.apl.map((apl, territory) => {
      // Zones given without a ranking, by an article or for want of data, have no cut beside them.
      if (isNone(territories.rank[territory])) return null;
      const near = nearestZone(apl, territories.zone[territory], cuts);
      if (!near) return null;
      const limit = DISTANCE_LIMITS.findIndex((most) => near.distance < most);
      return limit < 0 ? DISTANCE_LIMITS.length : limit;
    });
    classOf = (unit) => ofTerritory[territoryOf(unit)] ?? null;
  } else {
    colours = meta.zones.map((zone) => zone.colour);
    classOf = (unit) => {
      const zone = territories.zone[territoryOf(unit)];
      return isNone(zone) || zone < 0 ? null : zone;
    };
  }
  const plain = [...colours, NEUTRAL, FILTERED];
  const palette = [...plain, ...plain.map((colour) => mixed(colour, "#ffffff", FADED))];
  const filtered = new Set(hidden);
  const classes = new Uint8Array(count);
  for (let unit = 0; unit < count; unit++) {
    const territory = territoryOf(unit);
    if (territory < 0) {
      classes[unit] = colours.length;
      continue;
    }
    const value = filtered.has(territories.zone[territory])
      ? colours.length + 1
      : classOf(unit) ?? colours.length;
    const faded = region >= 0 && territories.region[territory] !== region;
    classes[unit] = faded ? value + plain.length : value;
  }
  if (circles) {
    circles.values = Array.from(circles.values, (value, unit) => {
      const hiddenHere = classes[unit] !== 0;
      return hiddenHere ? 0 : value;
    });
  }
  return { palette, dark: palette.map(isDarkFill), patterned: colours.length, plain: plain.length, classes, circles };
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
  const shown = { layer, level: "territories", hidden: [], region };
  const { classes, plain } = paintOf(model, shown);
  const counts = new Array(plain).fill(0);
  for (const number of classes) if (number < plain) counts[number]++;
  return counts;
}

/** Colours of the classes of a layer. */
export function classColours(layer) {
  return layer === "change" ? CHANGE_COLOURS : DISTANCE_COLOURS;
}
