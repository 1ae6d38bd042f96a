import { DARK_LINE, LIGHT_LINE, lineShade } from "./colours.mjs";
import { Outlines, Topology } from "./topology.mjs";

/** What a border parts, by rising rank; a line of a rank that is switched off falls to the next. */
const TERRITORY = 1, DEPARTEMENT = 2, REGION = 3, COAST = 4;
const SEA = "#e8edf1";
const LINE = "#444444";
/** Pixels per grid step from which lines of communes are drawn. */
const COMMUNE_LINES_FROM = 0.05;
/** Pixels per grid step from which lines have their full width. */
const FULL_WIDTH_FROM = 0.05;
const COMMUNE_LINE = "rgba(110, 100, 95, 0.55)";
const CASING = "rgba(255, 255, 255, 0.7)";
/** Radius of the largest circle, in CSS pixels. */
const LARGEST_CIRCLE = 26;
const CIRCLE = "rgba(22, 96, 92, 0.72)";

/** A pattern of slanting lines or of dots, in device pixels. */
function patternOf(ctx, ratio, draw, size) {
  const tile = ctx.canvas.ownerDocument.createElement("canvas");
  tile.width = tile.height = Math.round(size * ratio);
  const pen = tile.getContext("2d");
  draw(pen, tile.width, ratio);
  return ctx.createPattern(tile, "repeat");
}

function slanting(colour, width) {
  return (pen, side, ratio) => {
    pen.strokeStyle = colour;
    pen.lineWidth = width * ratio;
    pen.beginPath();
    for (const shift of [-side, 0, side]) {
      pen.moveTo(shift - 1, side + 1);
      pen.lineTo(shift + side + 1, -1);
    }
    pen.stroke();
  };
}

/** Radius of a circle in CSS pixels, of an area that goes with the value. */
export function radiusOf(value, most) {
  return most > 0 ? LARGEST_CIRCLE * Math.sqrt(value / most) : 0;
}

/**
 * Calls a function with so many items at a time: paths of very many parts are slow to paint, and
 * so are very many paths. The numbers given were measured, by the processor's time.
 */
function inBatches(items, size, paint) {
  for (let i = 0; i < items.length; i += size) paint(items.slice(i, i + size));
}

/** Draws zones, lines and circles of a model onto any canvas, for any view of the plane. */
export class Painter {
  /** @param {object} model */
  constructor(model) {
    this.model = model;
    const { units, topology } = model;
    this.topology = topology;
    // Territories may lie in several departements: their parts keep departements' borders.
    const parts = new Map();
    const partOf = Int32Array.from(units.territory, (territory, unit) => {
      const departement = units.departement[unit];
      const key = territory * 1024 + departement + 1;
      let part = parts.get(key);
      if (part === undefined) {
        part = parts.size;
        parts.set(key, part);
        this.territoryOfPart.push(territory);
        this.departementOfPart.push(departement);
        this.regionOfPart.push(units.region[unit]);
      }
      return part;
    });
    this.borders = this.topology.dissolve(partOf);
    this.territories = this.borders.rings(this.territoryOfPart, model.territories.code.length);
    const { n, left, right } = this.borders;
    this.rank = new Uint8Array(n);
    this.partsTerritories = new Uint8Array(n);
    for (let i = 0; i < n; i++) {
      const a = left[i], b = right[i];
      if (a < 0 || b < 0) {
        this.rank[i] = COAST;
        continue;
      }
      this.partsTerritories[i] = this.territoryOfPart[a] !== this.territoryOfPart[b] ? 1 : 0;
      if (this.regionOfPart[a] !== this.regionOfPart[b]) this.rank[i] = REGION;
      else if (this.departementOfPart[a] !== this.departementOfPart[b]) this.rank[i] = DEPARTEMENT;
      else this.rank[i] = TERRITORY;
    }
  }

  territoryOfPart = [];
  departementOfPart = [];
  regionOfPart = [];
  #communes = null;
  #communeBorders = null;
  #patterns = new Map();

  /** Outlines of communes; to be asked for only when all arcs are read. */
  get communes() {
    const { length } = this.model.units.territory;
    return (this.#communes ??= this.topology.rings(Int32Array.from({ length }, (_, i) => i), length));
  }

  /** Numbers of the arcs between communes of one territory. */
  get communeBorders() {
    if (this.#communeBorders) return this.#communeBorders;
    const { topology } = this;
    const { territory } = this.model.units;
    const inside = [];
    for (let i = 0; i < topology.n; i++) {
      const a = topology.left[i], b = topology.right[i];
      if (a >= 0 && b >= 0 && territory[a] === territory[b]) inside.push(i);
    }
    return (this.#communeBorders = Int32Array.from(inside));
  }

  /** @returns {Outlines} those of the units shown at a level */
  outlines(level) {
    return level === "communes" && this.model.communes ? this.communes : this.territories;
  }

  #pattern(ctx, name, ratio) {
    const key = `${name} ${ratio}`;
    if (!this.#patterns.has(key)) {
      const [colour, width, size] = {
        hidden: ["#9a9ea3", 1, 6],
        movedLight: ["#ffffff", 2.4, 9],
        movedDark: ["#1b1b1b", 2.4, 9],
      }[name];
      this.#patterns.set(key, patternOf(ctx, ratio, slanting(colour, width), size));
    }
    return this.#patterns.get(key);
  }

  /**
   * Paints a rectangle of the picture.
   *
   * @param {CanvasRenderingContext2D} ctx
   * @param {{scale: number, x: number, y: number}} view device pixels per grid step, and where the
   *   origin of the plane lies
   * @param {[number, number, number, number]} area left, top, width, height in device pixels
   * @param {object} shown `{paint, level, lines, proposal, ratio}`
   */
  paint(ctx, view, area, shown) {
    const { paint, level, lines, ratio } = shown;
    const outlines = this.outlines(level);
    ctx.save();
    ctx.beginPath();
    ctx.rect(...area);
    ctx.clip();
    ctx.fillStyle = SEA;
    ctx.fillRect(...area);
    // What may reach into the area: a little more than its rectangle, for lines and circles.
    const margin = (paint.circles ? LARGEST_CIRCLE : 3) * ratio;
    const box = [
      (area[0] - margin - view.x) / view.scale,
      (area[1] - margin - view.y) / view.scale,
      (area[0] + area[2] + margin - view.x) / view.scale,
      (area[1] + area[3] + margin - view.y) / view.scale,
    ];
    const detail = Topology.levelFor(view.scale);
    const { paint: { territories, communes } } = shown;
    this.#fill(ctx, view, box, this.territories, territories, null, detail, shown);
    // Over the territories, whose fills then show through the seams rather than the sea.
    const under = (unit) => territories[this.model.units.territory[unit]];
    if (communes) this.#fill(ctx, view, box, this.communes, communes, under, detail, shown);
    if (shown.proposal) this.#hatch(ctx, view, box, this.borders.level(detail), shown);
    ctx.lineJoin = "round";
    const cssScale = view.scale / ratio;
    if (outlines === this.#communes && lines.commune && cssScale > COMMUNE_LINES_FROM) {
      this.#strokeCommunes(ctx, view, box, outlines.topology.level(detail), ratio);
    }
    this.#strokeBorders(ctx, view, box, this.borders.level(detail), shown);
    if (paint.circles) this.#circles(ctx, view, box, outlines, shown);
    ctx.restore();
  }

  #fill(ctx, view, box, outlines, classes, under, detail, { paint, lines, ratio }) {
    const points = outlines.topology.level(detail);
    const { boxes, count } = outlines;
    const members = paint.palette.map(() => []);
    for (let unit = 0, at = 0; unit < count; unit++, at += 4) {
      if (boxes[at] > box[2] || boxes[at + 2] < box[0]) continue;
      if (boxes[at + 1] > box[3] || boxes[at + 3] < box[1]) continue;
      if (under === null || under(unit) !== classes[unit]) members[classes[unit]].push(unit);
    }
    // Where no line covers the seams between fills, fills overlap a little.
    const seams = outlines === this.territories && !lines.territory;
    ctx.lineWidth = 0.8 * ratio;
    members.forEach((units, number) => {
      const patterned = number % paint.plain === paint.patterned;
      inBatches(units, outlines === this.territories ? 1 : 6, (batch) => {
        ctx.beginPath();
        for (const unit of batch) outlines.trace(ctx, unit, points, view);
        ctx.fillStyle = paint.palette[number];
        ctx.fill();
        if (seams) {
          ctx.strokeStyle = paint.palette[number];
          ctx.stroke();
        }
        if (!patterned) return;
        ctx.fillStyle = this.#pattern(ctx, "hidden", ratio);
        ctx.fill();
      });
    });
  }

  /** Hatches the territories that a proposal moves. */
  #hatch(ctx, view, box, points, { proposal, paint, ratio }) {
    for (const dark of [true, false]) {
      ctx.beginPath();
      for (const territory of [...proposal.added, ...proposal.removed]) {
        if (paint.dark[paint.territories[territory]] === dark) {
          this.territories.trace(ctx, territory, points, view);
        }
      }
      ctx.fillStyle = this.#pattern(ctx, dark ? "movedLight" : "movedDark", ratio);
      ctx.fill();
    }
  }

  #strokeCommunes(ctx, view, box, points, ratio) {
    const { topology } = this;
    const { boxes } = topology;
    const seen = this.communeBorders.filter((arc) => {
      const at = 4 * arc;
      if (boxes[at] > box[2] || boxes[at + 2] < box[0]) return false;
      return boxes[at + 1] <= box[3] && boxes[at + 3] >= box[1];
    });
    ctx.strokeStyle = COMMUNE_LINE;
    ctx.lineWidth = 0.5 * ratio;
    inBatches(seen, 16, (arcs) => {
      ctx.beginPath();
      for (const arc of arcs) topology.traceArc(ctx, arc, points, view);
      ctx.stroke();
    });
  }

  #strokeBorders(ctx, view, box, points, { paint, lines, ratio }) {
    const { n, boxes, left, right } = this.borders;
    const dark = (territory) => paint.dark[paint.territories[territory]];
    const sorted = { light: [], dark: [], departement: [], region: [], coast: [] };
    for (let i = 0, at = 0; i < n; i++, at += 4) {
      if (boxes[at] > box[2] || boxes[at + 2] < box[0]) continue;
      if (boxes[at + 1] > box[3] || boxes[at + 3] < box[1]) continue;
      const rank = this.rank[i];
      if (rank === COAST) sorted.coast.push(i);
      else if (rank === REGION && lines.region) sorted.region.push(i);
      else if (rank >= DEPARTEMENT && lines.departement) sorted.departement.push(i);
      else if (lines.territory && this.partsTerritories[i]) {
        const a = this.territoryOfPart[left[i]], b = this.territoryOfPart[right[i]];
        sorted[lineShade(dark(a), dark(b))].push(i);
      }
    }
    // Lines of a whole country would hide its fills: they are thinner from afar.
    const thin = Math.max(0.5, Math.min(1, Math.sqrt(view.scale / ratio / FULL_WIDTH_FROM)));
    const pens = [
      ["light", LIGHT_LINE, 0.7],
      ["dark", DARK_LINE, 0.7],
      ["departement", LINE, 1.1],
      ["region", CASING, 4],
      ["region", LINE, 2],
      ["coast", LINE, 1.4],
    ];
    for (const [kind, colour, width] of pens) {
      if (!sorted[kind].length) continue;
      ctx.strokeStyle = colour;
      ctx.lineWidth = width * ratio * thin;
      inBatches(sorted[kind], 16, (arcs) => {
        ctx.beginPath();
        for (const arc of arcs) this.borders.traceArc(ctx, arc, points, view);
        ctx.stroke();
      });
    }
  }

  #circles(ctx, view, box, outlines, { paint, ratio }) {
    const { centres } = outlines;
    const { values, most } = paint.circles;
    const shown = [];
    const hidden = [];
    for (let unit = 0; unit < outlines.count; unit++) {
      const x = centres[2 * unit], y = centres[2 * unit + 1];
      if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) continue;
      if (values[unit] === null) hidden.push(unit);
      else if (values[unit] > 0) shown.push(unit);
    }
    ctx.lineWidth = ratio;
    ctx.strokeStyle = "#7b8087";
    ctx.beginPath();
    for (const unit of hidden) {
      const x = centres[2 * unit] * view.scale + view.x;
      const y = centres[2 * unit + 1] * view.scale + view.y;
      ctx.moveTo(x + 1.5 * ratio, y);
      ctx.arc(x, y, 1.5 * ratio, 0, 2 * Math.PI);
    }
    ctx.stroke();
    shown.sort((a, b) => values[b] - values[a]);
    ctx.fillStyle = CIRCLE;
    ctx.strokeStyle = "#ffffff";
    for (const unit of shown) {
      const x = centres[2 * unit] * view.scale + view.x;
      const y = centres[2 * unit + 1] * view.scale + view.y;
      ctx.beginPath();
      ctx.arc(x, y, Math.max(1, radiusOf(values[unit], most)) * ratio, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    }
  }

  #chosen = { unit: -1, arcs: [] };

  /** Outlines a commune by a broken line; without the outlines of all others. */
  outlineCommune(ctx, view, unit, { colour, width, ratio }) {
    const { topology } = this;
    if (this.#chosen.unit !== unit) {
      const arcs = [];
      for (let i = 0; i < topology.n; i++) {
        if ((topology.left[i] === unit) !== (topology.right[i] === unit)) arcs.push(i);
      }
      this.#chosen = { unit, arcs };
    }
    const points = topology.level(Topology.levelFor(view.scale));
    ctx.beginPath();
    for (const arc of this.#chosen.arcs) topology.traceArc(ctx, arc, points, view);
    ctx.lineJoin = "round";
    ctx.strokeStyle = "#ffffff";
    ctx.lineWidth = (width + 2.5) * ratio;
    ctx.stroke();
    ctx.strokeStyle = colour;
    ctx.lineWidth = width * ratio;
    ctx.setLineDash([5 * ratio, 3 * ratio]);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  /**
   * Outlines a unit so that it shows on any fill, with colours or without.
   *
   * @param {CanvasRenderingContext2D} ctx
   * @param {{scale: number, x: number, y: number}} view
   * @param {Outlines} outlines
   * @param {number} unit
   * @param {{colour: string, width: number, ratio: number}} pen
   */
  outline(ctx, view, outlines, unit, { colour, width, ratio }) {
    ctx.beginPath();
    outlines.trace(ctx, unit, outlines.topology.level(Topology.levelFor(view.scale)), view);
    ctx.lineJoin = "round";
    ctx.strokeStyle = "#ffffff";
    ctx.lineWidth = (width + 3) * ratio;
    ctx.stroke();
    ctx.strokeStyle = colour;
    ctx.lineWidth = width * ratio;
    ctx.stroke();
  }
}
