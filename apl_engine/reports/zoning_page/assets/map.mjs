/** The map: a canvas that is moved, enlarged and asked with mouse, fingers or keys. */

import { change, state, watch } from "./state.mjs";
import { el, fill } from "./dom.mjs";
import { isShown, number, people } from "./format.mjs";
import { paintOf } from "./layers.mjs";
import { makeLegend } from "./legend.mjs";
import { MapNames } from "./map_names.mjs";
import { Painter } from "./painter.mjs";
import { inLanguage, t } from "./text.mjs";

/** Milliseconds at rest after which a picture is painted anew: stretched, or with a blank edge. */
const REST = 110;
/** The same of a picture that only moved: it differs by the smoothing of its seams at most. */
const LONG_REST = 450;
/** Milliseconds that painting the new edge of a moved picture may take within a frame. */
const EDGE_BUDGET = 7;
/** Pixels that a pointer may move and still click. */
const CLICK_REACH = 5;
/** CSS pixels per metre of the closest view: a pixel is 4 m. */
const CLOSEST = 0.25;
/** Size on the screen, in CSS pixels, below which a click on an inset enlarges it. */
const SMALL_INSET = 240;
/** Milliseconds after a picture until its names are placed. */
const NAMES_AFTER = 20;
const CHOICE = "#0b57d0";
/** Device pixels per CSS pixel of the picture that is printed. */
const PRINT_RATIO = 3;
/** Metres from which a country is so wide that its great cities are shown enlarged beside it. */
const WIDE = 600_000;
/** Width in CSS pixels from which the legend stands beside the map. */
const BESIDE_FROM = 760;
/** Height in CSS pixels that leaves room for great cities beside the country. */
const LEAST_HEIGHT = 420;
/** The great cities: centre in Lambert-93 (km) and half the side of their frame (km). */
const CITIES = [
  { key: "paris", x: 652, y: 6862, reach: 24 },
  { key: "lyon", x: 843, y: 6519, reach: 17 },
  { key: "marseille", x: 897, y: 6249, reach: 20 },
  { key: "lille", x: 705, y: 7060, reach: 18 },
  { key: "toulouse", x: 574, y: 6279, reach: 16 },
];

/**
 * @typedef {{ scale: number, x: number, y: number }} View device pixels per grid step, and where
 *   the origin of the plane lies
 * @typedef {[number, number, number, number]} Box left, top, right, bottom in grid steps
 */

class ZoneMap {
  /**
   * @param {HTMLElement} root
   * @param {any} model
   */
  constructor(root, model) {
    this.model = model;
    this.painter = new Painter(model);
    this.step = model.meta.boundaries.step;
    this.whole = this.#boxOf(Array.from({ length: model.territories.code.length }, (_, i) => i));
    this.insets = (model.meta.insets ?? []).map((inset) => ({ inset, box: this.#planeBox(inset.box) }));
    for (const { box } of this.insets) this.whole = joined(this.whole, box);
    this.names = new MapNames(model, () => this.painter.territories);
    this.#build(root);
    this.#listen();
    this.#relabel();
    this.#resize();
    watch(["layer", "level", "hidden", "lines", "proposal"], () => this.redraw());
    watch(["region"], () => this.#regionChosen());
    watch(["hover"], () => this.#overlay());
    watch(["territory", "commune"], () => {
      // What was pointed at would stay in the way of what is chosen.
      this.#point(-1);
      this.#placeNames();
      this.#overlay();
    });
    watch(["lang"], () => this.#relabel());
  }

  view = { scale: 1, x: 0, y: 0 };
  /** The view that the picture was painted for; null: not at all. */
  #painted = null;
  /** The picture as it was when a zoom began. */
  #still = null;
  #stillView = null;
  #paint = null;
  #resting = 0;
  #reading = 0;
  #naming = 0;
  #framed = 0;
  #atHome = true;
  #ratioPainted = 1;
  #keyboard = false;
  #pointers = new Map();
  #dragged = 0;
  #pinch = null;
  #edge = 0;
  #printing = false;

  /* Elements ------------------------------------------------------------------------------- */

  #build(root) {
    this.picture = /** @type {HTMLCanvasElement} */ (
      el("canvas", { class: "map-picture", tabindex: 0, role: "application", "aria-describedby": "map-help" })
    );
    this.ctx = this.picture.getContext("2d", { alpha: false });
    this.over = /** @type {HTMLCanvasElement} */ (el("canvas", { class: "map-over", "aria-hidden": "true" }));
    this.pen = this.over.getContext("2d");
    this.help = el("p", { class: "visually-hidden", id: "map-help" });
    this.live = el("p", { class: "visually-hidden", "aria-live": "polite" });
    this.card = el("div", { class: "map-card", "aria-hidden": "true", hidden: true });
    this.tools = el("div", { class: "map-tools" });
    this.labels = el("div", { class: "map-insets" });
    this.frames = el("div", { class: "map-cities", hidden: true });
    this.stage = el(
      "div", { class: "map-stage" },
      this.picture, this.over, this.labels, this.tools, this.frames, this.card, this.help, this.live,
    );
    const legend = el("div", { class: "map-legend-body" });
    this.fold = /** @type {HTMLDetailsElement} */ (
      el("details", { class: "map-legend" }, el("summary"), legend)
    );
    root.classList.add("map-root");
    root.append(this.fold, this.stage);
    this.legend = makeLegend(legend, this.model);
    this.root = root;
    this.#widen();
    this.fold.open = this.root.classList.contains("is-wide");
    this.cities = CITIES.map((city) => this.#cityFrame(city)).filter((city) => city !== null);
  }

  /** A button with a picture of a city; null if the result has no territory there. */
  #cityFrame(city) {
    const centre = [(city.x * 1000) / this.step, (-city.y * 1000) / this.step];
    const reach = (city.reach * 1000) / this.step;
    const box = [centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach];
    if (!this.#hasLand(...centre)) return null;
    const canvas = /** @type {HTMLCanvasElement} */ (el("canvas", { "aria-hidden": "true" }));
    const name = el("span");
    const frame = { ...city, box, canvas, name, view: this.view, seen: false };
    const button = el(
      "button",
      {
        type: "button", class: `map-city map-city-${city.key}`,
        onclick: () => this.fit(box),
        onpointermove: (event) => this.#pointFrame(event, frame),
        onpointerleave: () => this.#point(-1),
      },
      canvas, name,
    );
    this.frames.append(button);
    return frame;
  }

  /** Whether a territory may lie at a point; without the grid that pointing needs later. */
  #hasLand(x, y) {
    const { boxes } = this.painter.territories;
    for (let at = 0; at < boxes.length; at += 4) {
      if (boxes[at] <= x && x <= boxes[at + 2] && boxes[at + 1] <= y && y <= boxes[at + 3]) return true;
    }
    return false;
  }

  #relabel() {
    this.picture.setAttribute("aria-label", t("map.name"));
    this.picture.setAttribute("aria-roledescription", t("map.kind"));
    this.help.textContent = t("map.help");
    const button = (key, text, onclick) =>
      el("button", { type: "button", onclick, "aria-label": t(key), title: t(key) }, text);
    const { regions } = this.model.meta;
    fill(
      this.tools,
      el(
        "div", { class: "map-zoom" },
        button("map.zoom_in", "+", () => this.zoom(1.6)),
        button("map.zoom_out", "\u2212", () => this.zoom(1 / 1.6)),
        button("map.whole", "\u2302", () => this.fitAll()),
      ),
      regions.length > 1 &&
        el(
          "select",
          {
            class: "map-region", "aria-label": t("map.region"),
            onchange: (event) => change({ region: event.target.value === "" ? null : Number(event.target.value) }),
          },
          el("option", { value: "" }, this.#noRegion),
          regions.map((region, i) => el("option", { value: i, selected: i === state.region }, region.name)),
        ),
    );
    fill(
      this.labels,
      this.insets.map(({ inset, box }) =>
        el("button", { type: "button", onclick: () => this.fit(box) }, inLanguage(inset, "name")),
      ),
    );
    this.fold.firstElementChild.textContent = t("map.legend");
    for (const city of this.cities) {
      city.name.textContent = t(`map.city_${city.key}`);
      city.canvas.parentElement.setAttribute("aria-label", t("map.enlarge", { name: t(`map.city_${city.key}`) }));
    }
    this.frames.setAttribute("aria-label", t("map.cities"));
    this.frames.setAttribute("role", "group");
    this.#placeLabels();
  }

  /** Words of the entry of no region: as a heading, or as the way back. */
  get #noRegion() {
    return t(state.region === null ? "map.to_region" : "map.all_regions");
  }

  /* Views ---------------------------------------------------------------------------------- */

  get ratio() {
    return this.#printing ? PRINT_RATIO : Math.min(2, globalThis.devicePixelRatio || 1);
  }

  /** A box of the plane in metres (left, bottom, right, top) in grid steps. */
  #planeBox([left, bottom, right, top]) {
    return [left / this.step, -top / this.step, right / this.step, -bottom / this.step];
  }

  /** The box round some territories. */
  #boxOf(territories) {
    return territories.map((i) => this.painter.territories.box(i)).reduce(joined, [Infinity, Infinity, -Infinity, -Infinity]);
  }

  /** Whether there is room for the legend beside the map. */
  #widen() {
    const wide = this.root.clientWidth >= BESIDE_FROM;
    if (wide && !this.root.classList.contains("is-wide")) this.fold.open = true;
    if (!wide && this.root.classList.contains("is-wide")) this.fold.open = false;
    this.root.classList.toggle("is-wide", wide);
  }

  #resize() {
    this.#widen();
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width || !height) return;
    // Zooming the page, or another screen, changes the size of a pixel.
    const by = this.ratio / this.#ratioPainted;
    this.#ratioPainted = this.ratio;
    this.view = { scale: this.view.scale * by, x: this.view.x * by, y: this.view.y * by };
    const old = [this.picture.width * by, this.picture.height * by];
    const size = [Math.round(width * this.ratio), Math.round(height * this.ratio)];
    if (size[0] === old[0] && size[1] === old[1] && this.#painted) return;
    for (const canvas of [this.picture, this.over]) [canvas.width, canvas.height] = size;
    if (this.#atHome) return this.fitAll();
    this.view.x += (size[0] - old[0]) / 2;
    this.view.y += (size[1] - old[1]) / 2;
    this.redraw();
  }

  /**
   * Shows a box of the plane, whole and centred.
   *
   * @param {Box} box in grid steps
   */
  fit(box) {
    this.#atHome = false;
    this.frames.hidden = true;
    this.#place(box, [0, 0]);
    this.redraw();
  }

  /** Device pixels per grid step that show a box whole. */
  #scaleFor([left, top, right, bottom], reserved) {
    const [wide, high] = this.#room(reserved);
    return Math.min(wide / (right - left), high / (bottom - top), this.#closest) * 0.97;
  }

  /** Device pixels that are free of buttons at the top, and of so much at the right and below. */
  #room([right, bottom]) {
    const { width, height } = this.picture;
    return [width - right * this.ratio, height - (bottom + this.tools.offsetHeight + 4) * this.ratio];
  }

  #place(box, reserved) {
    const [left, top, right, bottom] = box;
    const [wide, high] = this.#room(reserved);
    if (!(wide > 0) || !(high > 0) || !(right > left)) return;
    const scale = this.#scaleFor(box, reserved);
    const above = this.picture.height - high - reserved[1] * this.ratio;
    this.view = { scale, x: wide / 2 - (scale * (left + right)) / 2, y: above + high / 2 - (scale * (top + bottom)) / 2 };
  }

  get #closest() {
    return CLOSEST * this.step * this.ratio;
  }

  /** Shows all there is, with the great cities enlarged beside it. */
  fitAll() {
    this.#atHome = true;
    const wide =
      (this.whole[2] - this.whole[0]) * this.step > WIDE &&
      this.cities.length > 0 &&
      this.stage.clientHeight > LEAST_HEIGHT;
    this.frames.hidden = !wide;
    // The frames stand at the right or at the bottom, wherever more is left for the country.
    let reserved = [0, 0];
    if (wide) {
      this.frames.classList.remove("in-row");
      const column = [this.frames.offsetWidth, 0];
      this.frames.classList.add("in-row");
      const row = [0, this.frames.offsetHeight + 8];
      const inRow = this.#scaleFor(this.whole, row) > this.#scaleFor(this.whole, column);
      this.frames.classList.toggle("in-row", inRow);
      reserved = inRow ? row : column;
    }
    this.#place(this.whole, reserved);
    this.redraw();
  }

  fitRegion(region) {
    const { region: regionOf } = this.model.territories;
    const members = [];
    for (let i = 0; i < regionOf.length; i++) if (regionOf[i] === region) members.push(i);
    if (members.length) this.fit(this.#boxOf(members));
  }

  fitTerritory(territory) {
    this.fit(grown(this.painter.territories.box(territory), 0.6));
  }

  fitCommune(commune) {
    const territory = this.model.units.territory[commune];
    if (territory >= 0) this.fitTerritory(territory);
  }

  #regionChosen() {
    const select = /** @type {HTMLSelectElement | null} */ (this.tools.querySelector("select"));
    if (select) {
      select.options[0].text = this.#noRegion;
      select.value = state.region === null ? "" : String(state.region);
    }
    if (state.region === null) this.fitAll();
    else this.fitRegion(state.region);
  }

  /** Enlarges about a point of the picture, in device pixels; about its centre by default. */
  zoom(factor, x = this.picture.width / 2, y = this.picture.height / 2) {
    const least = Math.min(this.picture.width / (this.whole[2] - this.whole[0]), this.picture.height / (this.whole[3] - this.whole[1])) / 2;
    const scale = Math.max(least, Math.min(this.#closest, this.view.scale * factor));
    const by = scale / this.view.scale;
    this.view = { scale, x: x - (x - this.view.x) * by, y: y - (y - this.view.y) * by };
    this.#moved();
  }

  /** Moves the picture by device pixels. */
  pan(dx, dy) {
    this.view = { ...this.view, x: this.view.x + Math.round(dx), y: this.view.y + Math.round(dy) };
    this.#moved();
  }

  #moved() {
    this.#atHome = false;
    this.frames.hidden = true;
    this.#framed ||= requestAnimationFrame(() => {
      this.#framed = 0;
      this.#glide();
    });
  }

  /* Painting ------------------------------------------------------------------------------- */

  get #shown() {
    return { paint: this.#paint, level: this.#level, lines: state.lines, proposal: state.proposal, ratio: this.ratio };
  }

  get #level() {
    return state.level === "communes" && this.#hasCommunes ? "communes" : "territories";
  }

  /** Whether outlines of communes are there, and read. */
  get #hasCommunes() {
    return this.model.meta.boundaries.communes && Boolean(this.model.communes);
  }

  /** Paints the map anew, after a change of what it shows. */
  redraw() {
    this.#paint = null;
    this.#repaint();
  }

  #repaint(cities = true) {
    clearTimeout(this.#resting);
    this.#resting = 0;
    const { width, height } = this.ctx.canvas;
    if (!this.stage.clientWidth) return;
    this.#paint ??= paintOf(this.model, {
      layer: state.layer, level: this.#level, hidden: state.hidden, region: state.region ?? -1,
    });
    this.view = { ...this.view, x: Math.round(this.view.x), y: Math.round(this.view.y) };
    this.painter.paint(this.ctx, this.view, [0, 0, width, height], this.#shown);
    this.#painted = { ...this.view };
    this.#still = null;
    this.#edge = 0;
    this.#placeLabels();
    clearTimeout(this.#naming);
    if (this.#printing) this.#placeNames();
    else {
      this.#naming = setTimeout(() => {
        this.#placeNames();
        this.#overlay();
      }, NAMES_AFTER);
    }
    this.#overlay();
    for (const city of this.cities) city.seen = false;
    if (cities && !this.frames.hidden) setTimeout(() => this.#paintCities());
  }

  /** Moves the last picture: its new edge is painted if there is time, all else at rest. */
  #glide() {
    if (!this.#painted) return this.#repaint();
    const { width, height } = this.picture;
    const { scale, x, y } = this.view;
    const dx = x - this.#painted.x, dy = y - this.#painted.y;
    const shifted = scale === this.#painted.scale && !this.#still && Number.isInteger(dx) && Number.isInteger(dy);
    if (shifted && Math.abs(dx) < width && Math.abs(dy) < height) this.#shift(dx, dy);
    else this.#stretch();
    this.#overlay();
    this.#placeLabels();
    clearTimeout(this.#resting);
    clearTimeout(this.#reading);
    this.#resting = setTimeout(() => this.#repaint(), this.#still || this.#edge ? REST : LONG_REST);
    if (this.#keyboard) this.#reading = setTimeout(() => this.#announce(), REST);
  }

  #shift(dx, dy) {
    const { ctx } = this;
    const { width, height } = this.picture;
    ctx.globalCompositeOperation = "copy";
    ctx.drawImage(this.picture, dx, dy);
    ctx.globalCompositeOperation = "source-over";
    this.#painted = { ...this.view };
    const started = performance.now();
    const strips = [
      dx && [dx > 0 ? 0 : width + dx, 0, Math.abs(dx), height],
      dy && [0, dy > 0 ? 0 : height + dy, width, Math.abs(dy)],
    ];
    for (const strip of strips) {
      if (!strip) continue;
      if (this.#edge > EDGE_BUDGET) {
        ctx.fillStyle = "#e8edf1";
        ctx.fillRect(...strip);
      } else this.painter.paint(ctx, this.view, strip, this.#shown);
    }
    // Once an edge took too long, the rest of this movement does without.
    this.#edge = Math.max(this.#edge > EDGE_BUDGET ? this.#edge : 0, performance.now() - started);
    if (this.#edge <= EDGE_BUDGET) this.#edge = 0;
  }

  #stretch() {
    const { ctx } = this;
    const { width, height } = this.picture;
    if (!this.#still) {
      this.#still = el("canvas");
      [this.#still.width, this.#still.height] = [width, height];
      this.#still.getContext("2d", { alpha: false }).drawImage(this.picture, 0, 0);
      this.#stillView = { ...this.#painted };
    }
    const by = this.view.scale / this.#stillView.scale;
    ctx.fillStyle = "#e8edf1";
    ctx.fillRect(0, 0, width, height);
    ctx.drawImage(
      this.#still, this.view.x - this.#stillView.x * by, this.view.y - this.#stillView.y * by, width * by, height * by,
    );
  }

  #paintCities() {
    if (this.frames.hidden || !this.#paint) return;
    for (const city of this.cities) {
      if (city.seen) continue;
      city.seen = true;
      const { canvas, box } = city;
      const { clientWidth: width, clientHeight: height } = canvas;
      [canvas.width, canvas.height] = [Math.round(width * this.ratio), Math.round(height * this.ratio)];
      const scale = canvas.width / (box[2] - box[0]);
      city.view = { scale, x: -box[0] * scale, y: canvas.height / 2 - ((box[1] + box[3]) / 2) * scale };
      const ctx = canvas.getContext("2d", { alpha: false, willReadFrequently: this.#printing });
      this.painter.paint(ctx, city.view, [0, 0, canvas.width, canvas.height], this.#shown);
    }
  }

  /** Draws what lies over the picture: insets' frames, the chosen, the one pointed at, the crosshair. */
  #overlay() {
    const { pen, view, ratio, over } = this;
    if (pen.canvas === over) pen.clearRect(0, 0, over.width, over.height);
    pen.strokeStyle = "#8b95a1";
    pen.lineWidth = ratio;
    for (const { box } of this.insets) {
      pen.strokeRect(
        box[0] * view.scale + view.x, box[1] * view.scale + view.y,
        (box[2] - box[0]) * view.scale, (box[3] - box[1]) * view.scale,
      );
    }
    if (!this.frames.hidden) {
      pen.strokeStyle = "#444444";
      for (const { box } of this.cities) {
        pen.strokeRect(
          box[0] * view.scale + view.x, box[1] * view.scale + view.y,
          (box[2] - box[0]) * view.scale, (box[3] - box[1]) * view.scale,
        );
      }
    }
    const { territories } = this.painter;
    if (state.hover !== null && state.hover !== state.territory && !this.#printing) {
      this.painter.outline(pen, view, territories, state.hover, { colour: "#1b1b1b", width: 2, ratio });
    }
    if (state.territory !== null) {
      const { commune } = state;
      if (commune !== null && this.#hasCommunes && this.model.territories.communes[state.territory] > 1) {
        this.painter.outlineCommune(pen, view, commune, { colour: CHOICE, width: 2, ratio });
      }
      this.painter.outline(pen, view, territories, state.territory, { colour: CHOICE, width: 3.5, ratio });
    }
    const communes = this.#level === "communes" ? this.painter.communes : null;
    if (communes && this.#pointed >= 0 && !this.#printing) {
      this.painter.outline(pen, view, communes, this.#pointed, { colour: "#1b1b1b", width: 1.5, ratio });
    }
    this.names.draw(pen, view);
    if (this.#keyboard && !this.#printing) this.#crosshair();
  }

  /** Chooses the names of the present view, once the communes are read. */
  #placeNames() {
    const { view, ratio, whole } = this;
    const { width, height } = this.picture;
    if (!this.model.communes || !this.stage.clientWidth) return;
    const [wide, high] = this.#printing ? [this.ctx.canvas.width, this.ctx.canvas.height] : [width, height];
    const stage = this.stage.getBoundingClientRect();
    const taken = [...this.tools.children, ...this.labels.children, ...this.frames.children]
      .map((one) => one.getBoundingClientRect())
      .filter((box) => box.width > 0)
      .map((box) => [box.left - stage.left, box.top - stage.top, box.right - stage.left, box.bottom - stage.top]);
    this.names.place(view, [wide / ratio, high / ratio], {
      ratio, taken, region: state.region, territory: state.territory, commune: state.commune,
      home: Math.min(wide / (whole[2] - whole[0]), high / (whole[3] - whole[1])),
      leaves: ({ x, y }) => this.#smallInset(x, y) !== null,
    });
  }

  /** The box of the inset at a point of the plane if it is small on the screen, or null. */
  #smallInset(x, y) {
    const most = (SMALL_INSET * this.ratio) / this.view.scale;
    const found = this.insets.find(({ box }) => box[0] <= x && x <= box[2] && box[1] <= y && y <= box[3]);
    return found && Math.max(found.box[2] - found.box[0], found.box[3] - found.box[1]) < most ? found.box : null;
  }

  /** The box that a click at a point of the picture enlarges: an inset's, or a great city's; or null. */
  #enlarged(x, y) {
    const [px, py] = [(x - this.view.x) / this.view.scale, (y - this.view.y) / this.view.scale];
    const city = this.frames.hidden
      ? null
      : this.cities.find(({ box }) => box[0] <= px && px <= box[2] && box[1] <= py && py <= box[3]);
    return city?.box ?? this.#smallInset(px, py);
  }

  #crosshair() {
    const { pen, ratio, over } = this;
    const x = Math.round(over.width / 2), y = Math.round(over.height / 2);
    for (const [colour, width] of [["#ffffff", 5], ["#1b1b1b", 2]]) {
      pen.strokeStyle = /** @type {string} */ (colour);
      pen.lineWidth = /** @type {number} */ (width) * ratio;
      pen.beginPath();
      for (const [ax, ay] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        pen.moveTo(x + ax * 5 * ratio, y + ay * 5 * ratio);
        pen.lineTo(x + ax * 16 * ratio, y + ay * 16 * ratio);
      }
      pen.stroke();
    }
  }

  /** Puts the names of insets beside their frames. */
  #placeLabels() {
    const { view, ratio } = this;
    this.insets.forEach(({ box }, i) => {
      const label = /** @type {HTMLElement} */ (this.labels.children[i]);
      if (!label) return;
      const x = (box[2] * view.scale + view.x) / ratio;
      const y = (((box[1] + box[3]) / 2) * view.scale + view.y) / ratio;
      const away = x > this.stage.clientWidth || y > this.stage.clientHeight || x < 0 || y < 0;
      label.hidden = away;
      if (!away) label.style.setProperty("transform", `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translateY(-50%)`);
    });
  }

  /* Pointing ------------------------------------------------------------------------------- */

  #pointed = -1;

  /** The unit at a point of a picture, in device pixels. */
  #unitAt(x, y, view = this.view) {
    return this.painter.outlines(this.#level).at((x - view.x) / view.scale, (y - view.y) / view.scale);
  }

  #territoryOf(unit) {
    return this.#level === "communes" ? this.model.units.territory[unit] : unit;
  }

  /** Says in words what a unit is: lines of its card. */
  #describe(unit) {
    const { territories, communes, meta } = this.model;
    const territory = this.#territoryOf(unit);
    const byCommune = this.#level === "communes";
    const zone = territories.zone[territory];
    const own = byCommune ? communes : territories;
    const label = zone >= 0 && zone !== null ? inLanguage(meta.zones[zone], "label") : t("map.no_zone");
    const figure = isShown(own.apl?.[unit]) ? number(own.apl[unit], Number.isInteger(own.apl[unit]) ? 0 : 1) : t("common.not_published");
    const lines = [t("map.card_apl", { apl: figure }), people(own.population?.[unit])];
    if (state.layer === "etp" || state.layer === "practitioners") {
      lines.push(t(`map.card_${state.layer}`, { n: own[state.layer]?.[unit] ?? 0, n_text: number(own[state.layer]?.[unit], state.layer === "etp" && !Number.isInteger(own.etp[unit]) ? 1 : 0) }));
    }
    const before = territories.before?.zone[territory];
    if (state.layer === "change" && isShown(before) && before >= 0) {
      lines.push(t("map.card_before", { zone: inLanguage(meta.zones[before], "label") }));
    }
    if (state.proposal?.added.has(territory)) lines.push(t("map.card_added"));
    if (state.proposal?.removed.has(territory)) lines.push(t("map.card_removed"));
    return {
      name: own.name[unit], zone, label,
      territory: byCommune ? t("map.card_territory", { name: territories.name[territory] }) : null,
      lines,
    };
  }

  #point(unit) {
    const territory = unit < 0 ? null : this.#territoryOf(unit);
    const changed = unit !== this.#pointed;
    this.#pointed = unit;
    if (territory === state.hover) {
      if (changed) this.#overlay();
    } else change({ hover: territory });
    if (unit < 0) {
      this.card.hidden = true;
      return;
    }
    if (!changed && !this.card.hidden) return;
    const { name, zone, label, territory: within, lines } = this.#describe(unit);
    const colour = this.model.meta.zones[zone]?.colour ?? "#d4d6d8";
    fill(
      this.card,
      el("strong", {}, name),
      within && el("span", {}, within),
      el("span", {}, el("span", { class: "swatch", style: { background: colour } }), label),
      lines.map((line) => el("span", {}, line)),
    );
    this.card.hidden = false;
  }

  /** Puts the card beside the pointer, within the stage. */
  #placeCard(event) {
    const stage = this.stage.getBoundingClientRect();
    const x = event.clientX - stage.left, y = event.clientY - stage.top;
    const { offsetWidth: width, offsetHeight: height } = this.card;
    const left = x + 16 + width > stage.width ? Math.max(0, x - 16 - width) : x + 16;
    const top = y + 16 + height > stage.height ? Math.max(0, y - 16 - height) : y + 16;
    this.card.style.setProperty("transform", `translate(${Math.round(left)}px, ${Math.round(top)}px)`);
  }

  #pointFrame(event, city) {
    if (event.pointerType === "touch") return;
    const box = city.canvas.getBoundingClientRect();
    const x = (event.clientX - box.left) * this.ratio, y = (event.clientY - box.top) * this.ratio;
    this.#point(this.#unitAt(x, y, city.view));
    this.#placeCard(event);
  }

  /** Opens the card of a unit. */
  #open(unit) {
    if (unit < 0) return;
    const territory = this.#territoryOf(unit);
    change({ territory, commune: this.#level === "communes" ? unit : null });
  }

  /** Enlarges an inset, or opens the card of what lies at a point of the picture. */
  #choose(x, y) {
    const box = this.#enlarged(x, y);
    if (!box) return this.#open(this.#unitAt(x, y));
    this.#point(-1);
    this.fit(box);
  }

  #announce() {
    const unit = this.#unitAt(this.picture.width / 2, this.picture.height / 2);
    if (unit < 0) {
      this.live.textContent = t("map.nothing");
      return;
    }
    const { name, label, territory, lines } = this.#describe(unit);
    this.live.textContent = [name, territory, label, ...lines].filter(Boolean).join(", ");
  }

  /** Where an event lies in the picture, in device pixels. */
  #at(event) {
    const box = this.picture.getBoundingClientRect();
    return [(event.clientX - box.left) * this.ratio, (event.clientY - box.top) * this.ratio];
  }

  #listen() {
    const { picture } = this;
    picture.addEventListener("wheel", (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 18 : 1;
      this.#point(-1);
      this.zoom(2 ** (-Math.max(-240, Math.min(240, event.deltaY * lines)) / (event.ctrlKey ? 90 : 260)), ...this.#at(event));
    }, { passive: false });
    picture.addEventListener("pointerdown", (event) => this.#press(event));
    picture.addEventListener("pointermove", (event) => this.#move(event));
    picture.addEventListener("pointerup", (event) => this.#release(event, true));
    picture.addEventListener("pointercancel", (event) => this.#release(event, false));
    picture.addEventListener("pointerleave", () => this.#pointers.size || this.#point(-1));
    picture.addEventListener("dblclick", (event) => this.zoom(event.shiftKey ? 0.5 : 2, ...this.#at(event)));
    picture.addEventListener("keydown", (event) => this.#pressKey(event));
    picture.addEventListener("focus", () => {
      if (!picture.matches(":focus-visible") || this.#pointers.size) return;
      this.#keyboard = true;
      this.#overlay();
      this.#announce();
    });
    picture.addEventListener("blur", () => {
      this.#keyboard = false;
      this.#overlay();
    });
    new ResizeObserver(() => this.#printing || this.#resize()).observe(this.stage);
    addEventListener("resize", () => this.#printing || this.#resize());
    addEventListener("beforeprint", () => this.#print(true));
    addEventListener("afterprint", () => this.#print(false));
  }

  #press(event) {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    this.#keyboard = false;
    this.picture.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, [event.clientX, event.clientY]);
    this.#dragged = this.#pointers.size === 1 ? 0 : Infinity;
    this.#pinch = null;
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "touch") return;
      const at = this.#at(event);
      this.picture.classList.toggle("enlarges", this.#enlarged(...at) !== null);
      this.#point(this.#unitAt(...at));
      this.#placeCard(event);
      return;
    }
    const now = [event.clientX, event.clientY];
    if (this.#pointers.size === 1) {
      const dx = now[0] - before[0], dy = now[1] - before[1];
      if (this.#dragged <= CLICK_REACH && (this.#dragged = Math.hypot(dx, dy)) <= CLICK_REACH) return;
      this.#dragged = Infinity;
      this.#point(-1);
      this.#pointers.set(event.pointerId, now);
      this.pan(dx * this.ratio, dy * this.ratio);
      return;
    }
    this.#pointers.set(event.pointerId, now);
    const [a, b] = [...this.#pointers.values()];
    const box = this.picture.getBoundingClientRect();
    const pinch = {
      x: ((a[0] + b[0]) / 2 - box.left) * this.ratio,
      y: ((a[1] + b[1]) / 2 - box.top) * this.ratio,
      apart: Math.hypot(a[0] - b[0], a[1] - b[1]),
    };
    if (this.#pinch) {
      this.view = { ...this.view, x: this.view.x + pinch.x - this.#pinch.x, y: this.view.y + pinch.y - this.#pinch.y };
      this.zoom(pinch.apart / Math.max(1, this.#pinch.apart), pinch.x, pinch.y);
    }
    this.#pinch = pinch;
  }

  #release(event, clicks) {
    if (!this.#pointers.delete(event.pointerId)) return;
    this.#pinch = null;
    if (clicks && this.#dragged <= CLICK_REACH) this.#choose(...this.#at(event));
  }

  #pressKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const step = (event.shiftKey ? 200 : 60) * this.ratio;
    const ways = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (ways[event.key]) this.pan(...ways[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoom(1.5);
    else if (event.key === "-" || event.key === "_") this.zoom(1 / 1.5);
    else if (event.key === "0") this.fitAll();
    else if (event.key === "Enter" || event.key === " ") this.#choose(this.picture.width / 2, this.picture.height / 2);
    else if (event.key === "Escape") change({ territory: null, commune: null });
    else return;
    event.preventDefault();
    this.#keyboard = true;
    this.#overlay();
    if (event.key === "0") this.#announce();
  }

  /** Puts a picture of the present view at the resolution of paper in the place of the map, and back. */
  #print(begins) {
    if (begins === this.#printing) return;
    const before = this.ratio;
    this.#printing = begins;
    const { picture, stage } = this;
    if (!stage.clientWidth && begins) return;
    const by = this.ratio / before;
    const size = [Math.round(picture.width * by), Math.round(picture.height * by)];
    this.view = { scale: this.view.scale * by, x: this.view.x * by, y: this.view.y * by };
    if (!begins) {
      for (const canvas of [picture, this.over]) [canvas.width, canvas.height] = size;
      this.#repaint();
      return;
    }
    stage.style.setProperty("--aspect", `${size[0]} / ${size[1]}`);
    // Painted apart and copied: what a browser prints of a canvas is the calls that painted it, and
    // of a great many it prints none.
    const paper = /** @type {HTMLCanvasElement} */ (el("canvas"));
    [paper.width, paper.height] = size;
    const [ctx, pen] = [this.ctx, this.pen];
    this.ctx = this.pen = paper.getContext("2d", { alpha: false, willReadFrequently: true });
    this.#repaint(false);
    this.#paintCities();
    this.#printLabels(paper);
    [this.ctx, this.pen] = [ctx, pen];
    [picture.width, picture.height] = size;
    ctx.drawImage(paper, 0, 0);
  }

  /** Draws what are buttons on the screen: names of insets, and the enlarged cities. */
  #printLabels(paper) {
    const { ctx, ratio } = this;
    const stage = this.stage.getBoundingClientRect();
    ctx.font = `${12 * ratio}px system-ui, sans-serif`;
    ctx.fillStyle = "#1b1b1b";
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    for (const { inset, box } of this.insets) {
      const x = box[2] * this.view.scale + this.view.x + 4 * ratio;
      ctx.fillText(inLanguage(inset, "name"), x, ((box[1] + box[3]) / 2) * this.view.scale + this.view.y);
    }
    if (this.frames.hidden) return;
    ctx.textBaseline = "top";
    ctx.textAlign = "center";
    for (const { canvas, name } of this.cities) {
      if (!canvas.clientWidth) continue;
      const box = canvas.getBoundingClientRect();
      const [x, y] = [(box.left - stage.left) * ratio, (box.top - stage.top) * ratio];
      const label = 18 * ratio;
      ctx.fillStyle = "#ffffff";
      ctx.fillRect(x, y, canvas.width, canvas.height + label);
      ctx.drawImage(canvas, x, y);
      ctx.strokeStyle = "#444444";
      ctx.strokeRect(x, y, canvas.width, canvas.height + label);
      ctx.fillStyle = "#1b1b1b";
      ctx.fillText(name.textContent, x + canvas.width / 2, y + canvas.height + 3 * ratio);
    }
  }

  /* For others ----------------------------------------------------------------------------- */

  /** Takes in the communes, once `model.communes` and all of `model.topology` are read. */
  refine() {
    this.legend.redraw();
    if (state.level === "communes") return this.redraw();
    this.#placeNames();
    this.#overlay();
  }

  /** Numbers of the territories that share a border with one. */
  neighbours(territory) {
    const { borders, territoryOfPart } = this.painter;
    const beside = new Set();
    for (let i = 0; i < borders.n; i++) {
      if (borders.left[i] < 0 || borders.right[i] < 0) continue;
      const a = territoryOfPart[borders.left[i]], b = territoryOfPart[borders.right[i]];
      if (a === territory && b !== territory) beside.add(b);
      if (b === territory && a !== territory) beside.add(a);
    }
    return [...beside].sort((a, b) => a - b);
  }
}

/** The box round two boxes. */
function joined(a, b) {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

/** A box with a share of its size added on each side. */
function grown([left, top, right, bottom], share) {
  const by = ((right - left + bottom - top) / 2) * share;
  return [left - by, top - by, right + by, bottom + by];
}

/**
 * Makes the map in an element.
 *
 * @param {HTMLElement} root
 * @param {any} model
 * @returns {ZoneMap}
 */
export function makeMap(root, model) {
  return new ZoneMap(root, model);
}
