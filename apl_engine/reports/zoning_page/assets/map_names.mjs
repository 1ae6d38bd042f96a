/** Names of places on the map: the largest that fit, and always the chosen one. */

import { el } from "./dom.mjs";

/** CSS pixels squared of the whole country, and of any picture closer by, that a name may have. */
const ROOM_AFAR = 27_000;
const ROOM_NEAR = 14_000;
/** CSS pixels from which the parts of a great city are named, and not the city as one. */
const PARTS_FROM = 160;
/** Names are tried until so many times as many as there is room for. */
const TRIES = 8;
const HALO = 3;
/** Pictures of names that are kept. */
const KEPT = 400;
const PART_OF_CITY = /^(.+) (\d+(?:er|e)) Arrondissement$/;

/** Size in CSS pixels of the name of a place. */
const sizeOf = (people) => (people >= 150_000 ? 13 : 12);

const touch = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

/**
 * @typedef {{ name: string, x: number, y: number, people: number, region: number,
 *   territory: number, commune: number, from: number, until: number }} NamedPlace a point in grid
 *   steps; `from` and `until`: CSS pixels per grid step between which it is named
 */

/** The boxes of communes, from all borders. @returns {Float32Array} left, top, right, bottom of each */
function boxesOfUnits({ n, left, right, boxes }, count) {
  const all = new Float32Array(4 * count);
  for (let i = 0; i < all.length; i += 4) all.set([Infinity, Infinity, -Infinity, -Infinity], i);
  for (let arc = 0, at = 0; arc < n; arc++, at += 4) {
    for (const unit of [left[arc], right[arc]]) {
      if (unit < 0) continue;
      const to = 4 * unit;
      if (boxes[at] < all[to]) all[to] = boxes[at];
      if (boxes[at + 1] < all[to + 1]) all[to + 1] = boxes[at + 1];
      if (boxes[at + 2] > all[to + 2]) all[to + 2] = boxes[at + 2];
      if (boxes[at + 3] > all[to + 3]) all[to + 3] = boxes[at + 3];
    }
  }
  return all;
}

/** Communes as places; the parts of a city as one of them too. @returns {NamedPlace[]} */
function communesAsPlaces({ communes, units, topology }) {
  const boxes = boxesOfUnits(topology, communes.name.length);
  const cities = new Map();
  const places = communes.name.map((name, commune) => {
    const box = boxes.subarray(4 * commune, 4 * commune + 4);
    const place = {
      name, x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2, people: communes.population?.[commune] ?? 0,
      region: units.region[commune], territory: units.territory[commune], commune, from: 0, until: Infinity,
    };
    const [, city, part] = PART_OF_CITY.exec(name) ?? [];
    if (!city) return place;
    if (!cities.has(city)) cities.set(city, { parts: [], box: [...box] });
    const whole = cities.get(city);
    whole.parts.push(place);
    whole.box = [
      Math.min(whole.box[0], box[0]), Math.min(whole.box[1], box[1]),
      Math.max(whole.box[2], box[2]), Math.max(whole.box[3], box[3]),
    ];
    return { ...place, name: `${city} ${part}` };
  });
  for (const [name, { parts, box }] of cities) {
    const from = PARTS_FROM / Math.max(1, box[2] - box[0]);
    for (const { commune } of parts) places[commune].from = from;
    places.push({
      ...parts[0], name, commune: -1, territory: -1, x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2,
      people: parts.reduce((sum, part) => sum + part.people, 0), from: 0, until: from,
    });
  }
  return places;
}

/** @returns {NamedPlace[]} */
function territoriesAsPlaces({ territories }, { centres }) {
  return territories.name.map((name, territory) => ({
    name, x: centres[2 * territory], y: centres[2 * territory + 1],
    people: territories.population?.[territory] ?? 0, region: territories.region[territory],
    territory, commune: -1, from: 0, until: Infinity,
  }));
}

/** Which names a map shows, and where; each is drawn once, and then only moved. */
export class MapNames {
  /**
   * @param {object} model
   * @param {() => import("./topology.mjs").Outlines} territories their outlines
   * @param {(text: string, font: string) => number} [measure] width of a text in CSS pixels
   */
  constructor(model, territories, measure) {
    this.model = model;
    this.territories = territories;
    const pen = measure ? null : /** @type {HTMLCanvasElement} */ (el("canvas")).getContext("2d");
    this.measure = measure ?? ((text, font) => {
      pen.font = font;
      return pen.measureText(text).width;
    });
  }

  /** @type {{ place: NamedPlace, font: string, width: number, size: number, dx: number, dy: number }[]} */
  shown = [];
  #scale = 0;
  #ratio = 1;
  #places = null;
  #pictures = new Map();

  /** All places that have a name, the most populous first. */
  get places() {
    if (!this.#places) {
      const { model } = this;
      this.#places = model.meta.boundaries.communes
        ? communesAsPlaces(model)
        : territoriesAsPlaces(model, this.territories());
      this.#places.sort((a, b) => b.people - a.people);
    }
    return this.#places;
  }

  /** The place of what is chosen. */
  #chosen(territory, commune) {
    if (territory === null) return null;
    if (commune !== null) {
      const place = this.places.find((one) => one.commune === commune);
      if (place) return place;
    }
    return territoriesAsPlaces(this.model, this.territories())[territory];
  }

  /**
   * Chooses the names of a view.
   *
   * @param {{ scale: number, x: number, y: number }} view in device pixels
   * @param {[number, number]} size of the picture, in CSS pixels
   * @param {{ ratio: number, home: number, region: number | null, territory: number | null,
   *   commune: number | null, taken: number[][], leaves: (place: NamedPlace) => boolean }} shown
   *   `home`: device pixels per grid step of the whole; `taken`: boxes in CSS pixels that are to
   *   stay free; `leaves`: whether a place stays without a name
   */
  place(view, [width, height], { ratio, home, region, territory, commune, taken, leaves }) {
    const scale = view.scale / ratio;
    const near = Math.min(1, Math.max(0, Math.log2(view.scale / home) / 3));
    const most = Math.round((width * height) / (ROOM_AFAR * (1 - near) + ROOM_NEAR * near));
    const boxes = [...taken];
    this.shown = [];
    this.#scale = view.scale;
    this.#ratio = ratio;
    let tries = TRIES * most;
    const at = ({ x, y }) => [x * scale + view.x / ratio, y * scale + view.y / ratio];
    const add = (place, always) => {
      const [x, y] = at(place);
      if (!(x > 0 && y > 0 && x < width && y < height)) return;
      tries--;
      const size = always ? 15 : sizeOf(place.people);
      const font = `${always ? 700 : 600} ${size}px system-ui, sans-serif`;
      const wide = this.measure(place.name, font) / 2 + HALO, high = size / 2 + HALO;
      // The chosen name is moved into the picture; any other is left out.
      const to = (value, half, end) => (always ? Math.max(half, Math.min(end - half, value)) : value);
      const [cx, cy] = [to(x, wide, width), to(y, high, height)];
      const box = [cx - wide, cy - high, cx + wide, cy + high];
      const outside = box[0] < 0 || box[1] < 0 || box[2] > width || box[3] > height;
      if (!always && (outside || boxes.some((other) => touch(box, other)))) return;
      boxes.push(box);
      this.shown.push({ place, font, size, width: wide * 2, dx: cx - x, dy: cy - y });
    };
    const chosen = this.#chosen(territory, commune);
    if (chosen) add(chosen, true);
    for (const inside of region === null ? [true] : [true, false]) {
      for (const place of this.places) {
        if (this.shown.length >= most || tries <= 0) return;
        if ((region === null || place.region === region) !== inside) continue;
        if (scale < place.from || scale >= place.until || leaves(place)) continue;
        if (chosen && (place === chosen || (place.name === chosen.name && place.territory === chosen.territory))) continue;
        add(place, false);
      }
    }
  }

  /** Draws the names; none while the map is enlarged or reduced. @param {CanvasRenderingContext2D} pen */
  draw(pen, view) {
    if (view.scale !== this.#scale) return;
    const ratio = this.#ratio;
    for (const { place, font, size, width, dx, dy } of this.shown) {
      const picture = this.#pictureOf(place.name, font, width, size);
      const x = place.x * view.scale + view.x + dx * ratio, y = place.y * view.scale + view.y + dy * ratio;
      pen.drawImage(picture, Math.round(x - picture.width / 2), Math.round(y - picture.height / 2));
    }
  }

  #pictureOf(name, font, width, size) {
    const ratio = this.#ratio;
    const key = `${ratio} ${font} ${name}`;
    let picture = this.#pictures.get(key);
    if (picture) return picture;
    if (this.#pictures.size > KEPT) this.#pictures.clear();
    picture = /** @type {HTMLCanvasElement} */ (el("canvas"));
    [picture.width, picture.height] = [Math.ceil(width * ratio), Math.ceil((size * 1.4 + 2 * HALO) * ratio)];
    const pen = picture.getContext("2d");
    pen.scale(ratio, ratio);
    pen.font = font;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 2 * HALO;
    pen.strokeStyle = "rgba(255, 255, 255, 0.92)";
    pen.fillStyle = "#1b1b1b";
    const [x, y] = [width / 2, picture.height / ratio / 2];
    pen.strokeText(name, x, y);
    pen.fillText(name, x, y);
    this.#pictures.set(key, picture);
    return picture;
  }
}
