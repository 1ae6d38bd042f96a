/** The workbench of an agency: what it may move, what the rules would say, and its proposal. */

import { ANNEX_TABLES, annexTable, tabbedText } from "./annex_tables.mjs";
import { saveText } from "./csv.mjs";
import { byId, el, fill } from "./dom.mjs";
import {
  Draft, RULES_OF_MOVES, emptyProposal, movedNumbers, orderOf, outlookOf, savedProposal, usedOf, wayOf,
  withJustification, withMove,
} from "./draft.mjs";
import { number, percent } from "./format.mjs";
import { makeGauges } from "./gauges.mjs";
import {
  ProposalFileError, faultOfJustification, isWithinYears, proposalText, readProposal,
} from "./proposal.mjs";
import { inhabitants, judge, readCountry, regionOf, shareOf, zonesAfter } from "./rules.mjs";
import { change, state, watch } from "./state.mjs";
import { lang, t } from "./text.mjs";
import { VerdictWords, exactPeopleText, pointsText, shareText, wholePeopleText }
  from "./verdict_words.mjs";

const CHECK_COMMAND = "apl region check";
const PAGE_COMMAND = "apl page OUT --internal";
const FILTERS = /** @type {const} */ (["movable", "additions", "removals", "moved", "locked", "all"]);
const COLUMNS = /** @type {const} */ (["order", "name", "zone", "apl", "people", "move"]);
const SORTED = new Set(["order", "name", "zone", "apl", "people"]);
const MARKS = { ok: "✓", broken: "✗", "not applicable": "–" };

/** Drafts that the browser keeps, if it keeps any. */
class DraftStore {
  /** @param {string} digest of the result */
  constructor(digest) {
    this.digest = digest;
  }

  #key(/** @type {string} */ region) {
    return `apl_engine/${this.digest}/${region}`;
  }

  /** @returns {import("./rules.mjs").Proposal | null} */
  read(/** @type {string} */ region) {
    try {
      return savedProposal(localStorage.getItem(this.#key(region)), region);
    } catch {
      return null;
    }
  }

  /** Returns whether it was kept. @param {import("./rules.mjs").Proposal} proposal */
  write(proposal) {
    try {
      localStorage.setItem(this.#key(proposal.region), JSON.stringify(proposal));
      return true;
    } catch {
      return false;
    }
  }
}

/** @param {HTMLElement} root @param {any} model @param {any} map */
export function makeWorkbench(root, model, map) {
  const workbench = new Workbench(root, model, map);
  workbench.draw();
  return workbench;
}

class Workbench {
  /** @type {any} */
  #region = null;
  /** @type {Map<string, Draft>} */
  #drafts = new Map();
  #sort = { column: "order", falls: false };
  #filter = "movable";
  #name = "";
  /** The territory that is pointed at or reached. @type {number | null} */
  #near = null;

  /** @param {HTMLElement} root @param {any} model @param {any} map */
  constructor(root, model, map) {
    this.root = root;
    this.model = model;
    this.map = map;
    if (!model.workbench) {
      watch(["lang"], () => this.draw());
      return;
    }
    this.store = new DraftStore(model.meta.result.sha256);
    this.country = readCountry(model);
    watch(["lang", "region"], () => this.draw());
    watch(["tab"], () => this.#show());
    watch(["territory"], () => this.#follow());
    watch(["hover"], () => this.#mark());
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  get #isShown() {
    return state.tab === "workbench";
  }

  get #draft() {
    return /** @type {Draft} */ (this.#drafts.get(this.#region.code));
  }

  get #proposal() {
    return this.#draft.proposal;
  }

  /** Draw all of it: for a language or a region. */
  draw() {
    const { meta } = this.model;
    if (!this.model.workbench) return this.#drawRefusal();
    const region = state.region === null ? null : meta.regions[state.region];
    this.#region = region && regionOf(this.country, region.code);
    const choice = el(
      "select",
      {
        id: "bench-region",
        onchange: (/** @type {Event} */ event) => {
          const { value } = /** @type {HTMLSelectElement} */ (event.target);
          change({ region: value === "" ? null : Number(value) });
          byId("bench-region").focus();
        },
      },
      el("option", { value: "" }, t("workbench.none_chosen")),
      meta.regions.map((/** @type {any} */ one, /** @type {number} */ place) =>
        el("option", { value: place, selected: place === state.region }, one.name)),
    );
    const head = el("div", { class: "bench-head" },
      el("h2", {}, t("workbench.title")),
      el("p", { class: "bench-choice" },
        el("label", { for: "bench-region" }, t("workbench.choose")), " ", choice));
    if (!this.#region) fill(this.root, head, el("p", {}, t("workbench.intro")));
    else if (this.#region.base === null) fill(this.root, head, el("p", {}, t("workbench.no_share")));
    else this.#drawRegion(head);
    this.#show();
  }

  #drawRefusal() {
    const reason = this.model.meta.law?.refused ?? "published";
    const toCard = () => {
      change({ tab: "map" });
      const section = document.querySelector("#card .agency h3");
      if (section) section.scrollIntoView({ block: "start" });
      else byId("search-box").querySelector("input")?.focus();
    };
    fill(
      this.root,
      el("div", { class: "bench-refusal" },
        el("h2", {}, t("workbench.title")),
        el("p", {}, t("workbench.what_for")),
        el("p", {}, t(`workbench.refused_${reason}`)),
        el("h3", {}, t("workbench.instead")),
        el("p", {}, t("workbench.instead_card")),
        el("p", {}, el("button", { type: "button", onclick: toCard }, t("workbench.to_card"))),
        el("p", { class: "bench-technical" }, t("workbench.technical", { command: PAGE_COMMAND }))),
    );
  }

  /** @param {HTMLElement} head */
  #drawRegion(head) {
    const { code } = this.#region;
    this.words = new VerdictWords(this.model, this.#region);
    let restored = false;
    if (!this.#drafts.has(code)) {
      const saved = this.store.read(code);
      restored = Boolean(saved && (saved.additions.length || saved.removals.length));
      this.#drafts.set(code, new Draft(saved ?? emptyProposal(code)));
    }
    this.gauges = makeGauges(this.#region);
    fill(
      this.root,
      head,
      this.#toolbar(),
      el("div", { class: "bench-top" },
        this.gauges.element,
        el("p", { id: "bench-verdict", class: "bench-verdict" }),
        el("p", { id: "bench-preview", class: "bench-preview" }, t("workbench.preview_none"))),
      el("p", { id: "bench-spoken", role: "status", class: "visually-hidden" }),
      el("div", { id: "bench-status", role: "status", class: "bench-status" }),
      this.#territories(),
      el("section", { "aria-labelledby": "bench-proposal" },
        el("h3", { id: "bench-proposal", tabindex: -1 }, t("workbench.proposal")),
        el("div", { id: "bench-moves" }),
        this.#dates()),
      el("section", { id: "bench-rules", "aria-labelledby": "bench-rules-title" }),
      el("section", { id: "bench-shares", "aria-labelledby": "bench-shares-title" }),
      this.#across(),
      this.#tables(),
      this.#law(),
    );
    this.#near = null;
    this.#update();
    this.#arrange();
    if (restored) this.#say(t("workbench.restored"));
  }

  #toolbar() {
    const button = (/** @type {string} */ name, /** @type {() => void} */ act, title = "") =>
      el("button", { type: "button", id: `bench-${name}`, title: title && t(`workbench.${title}`), onclick: act },
        t(`workbench.${name}`));
    const file = el("input", {
      type: "file", id: "bench-file", accept: ".toml", class: "visually-hidden", tabindex: -1,
      "aria-label": t("workbench.import"),
      onchange: () => this.#import(/** @type {HTMLInputElement} */ (file)),
    });
    return el(
      "div",
      { class: "bench-toolbar", role: "group", "aria-label": t("workbench.proposal") },
      button("undo", () => this.#again("undo")),
      button("redo", () => this.#again("redo")),
      button("clear", () => this.#step(emptyProposal(this.#region.code), t("workbench.no_moves"))),
      button("export", () => this.#export(), "export_title"),
      button("import", () => file.click(), "import_title"),
      file,
    );
  }

  // --- the territories ---------------------------------------------------------------------------

  #territories() {
    /** @type {Map<number, any>} */
    this.rows = new Map(this.#region.own.map((/** @type {number} */ one) => [one, this.#row(one)]));
    const headings = COLUMNS.map((column) => {
      const title = t(`workbench.column_${column}`);
      const sorts = () => {
        const same = this.#sort.column === column;
        this.#sort = { column, falls: same && !this.#sort.falls };
        this.#arrange();
      };
      const isFigure = ["apl", "people"].includes(column);
      return el("th", { scope: "col", id: `bench-column-${column}`, class: isFigure && "number" },
        SORTED.has(column) ? el("button", { type: "button", class: "bench-sort", onclick: sorts }, title) : title);
    });
    return el(
      "section",
      { "aria-labelledby": "bench-territories" },
      el("h3", { id: "bench-territories" }, t("workbench.territories")),
      el("div", { class: "bench-filters", role: "group", "aria-label": t("workbench.filter") },
        FILTERS.map((filter) => el("button", {
          type: "button", id: `bench-filter-${filter}`,
          onclick: () => {
            this.#filter = filter;
            this.#arrange();
          },
        })),
        el("input", {
          type: "search", id: "bench-name", value: this.#name,
          "aria-label": t("workbench.filter_name"), placeholder: t("workbench.filter_name"),
          oninput: (/** @type {Event} */ event) => {
            this.#name = /** @type {HTMLInputElement} */ (event.target).value;
            this.#arrange();
          },
        })),
      el("div", { class: "bench-wide" },
        el("table", { class: "bench-table" },
          el("caption", { id: "bench-count" }),
          el("thead", {}, el("tr", {}, headings)),
          el("tbody", {
            id: "bench-body",
            onkeydown: (/** @type {KeyboardEvent} */ event) => this.#arrow(event),
          }))),
      el("p", { class: "bench-help" }, t("workbench.help_keys")),
    );
  }

  #row(/** @type {number} */ one) {
    const { country } = this;
    const size = inhabitants(country, [one]);
    const name = country.names[one];
    const cells = {
      zone: el("td", { class: "bench-zone" }),
      order: el("td", { class: "bench-order" }),
      hint: el("span", { class: "bench-hint", id: `bench-hint-${one}` }),
    };
    const near = () => this.#look(one);
    const button = el("button", {
      type: "button", tabindex: -1, "aria-describedby": `bench-hint-${one}`,
      onclick: () => this.#move(one), onfocus: near,
    });
    const element = el(
      "tr",
      { onpointerenter: near, onpointerleave: () => this.#look(null) },
      cells.order,
      el("th", { scope: "row" },
        el("button", {
          type: "button", class: "bench-name", onfocus: near, tabindex: -1,
          onclick: () => {
            change({ territory: one, commune: null });
            this.map?.fitTerritory?.(one);
          },
        }, name),
        el("span", { class: "bench-code" }, country.codes[one])),
      cells.zone,
      el("td", { class: "number" }, number(this.model.territories.apl?.[one] ?? null, 1)),
      el("td", { class: "number" }, number(size.toNumber()),
        el("span", { class: "bench-code" }, percent(shareOf(this.#region, size).toNumber(), 2))),
      el("td", { class: "bench-move" }, button, cells.hint),
    );
    return { ...cells, element, button, size };
  }

  /** The class of a territory that may leave it, and how. @returns {import("./draft.mjs").Way} */
  #wayOf(/** @type {number} */ one) {
    const { law, zones } = this.country;
    if (zones[one] === law.upper) return "addition";
    return zones[one] === law.lower ? "removal" : null;
  }

  /** The proposal after a click on a territory. */
  #after(/** @type {number} */ one) {
    const code = this.country.codes[one];
    return withMove(this.#proposal, code, wayOf(this.#proposal, code) ? null : this.#wayOf(one));
  }

  #move(/** @type {number} */ one) {
    const code = this.country.codes[one];
    const name = this.country.names[one];
    const way = wayOf(this.#proposal, code) ? "back" : this.#wayOf(one) === "addition" ? "added" : "removed";
    const isAway = document.activeElement?.id === "bench-do";
    this.#step(this.#after(one), t(`workbench.announce_${way}`, { name }));
    this.#preview();
    if (isAway) document.getElementById("bench-do")?.focus();
  }

  /** Show the verdict on a move before it is made, or none. */
  #look(/** @type {number | null} */ one) {
    this.#near = one;
    change({ hover: one });
    this.#preview();
  }

  /** The verdict on the move of what is pointed at, or else of what is chosen, as on the map. */
  #preview() {
    const one = this.#near ?? state.territory;
    const isOwn = one !== null && this.rows.has(one);
    if (!isOwn || !this.#wayOf(one)) {
      fill(byId("bench-preview"), !isOwn ? t("workbench.preview_none") : t("workbench.preview_locked", {
        name: this.country.names[one], why: this.rows.get(one).hint.textContent,
      }));
      this.gauges.preview(null);
      return;
    }
    const { findings, broken } = outlookOf(this.#region, this.#after(one));
    const back = wayOf(this.#proposal, this.country.codes[one]);
    const to = this.#wayOf(one) === "addition" ? this.words.margins.lower : this.words.margins.upper;
    const values = { name: this.country.names[one], people: exactPeopleText(this.rows.get(one).size), zone: to };
    fill(
      byId("bench-preview"),
      el("strong", {}, t(`workbench.preview_${back ? "back" : "add"}`, values)), " ",
      broken.length
        ? broken.map((finding, place) => [
          place > 0 && " ; ",
          el("span", { class: "bench-broken" }, `${MARKS.broken} ${this.words.sentence(finding)}`)])
        : el("span", { class: "bench-ok" }, `${MARKS.ok} ${t("workbench.preview_good")}`),
      " ",
      // What is only pointed at is gone before a button in another place is reached.
      this.#near === null && el("button", { type: "button", id: "bench-do", onclick: () => this.#move(one) },
        this.rows.get(one).button.textContent),
    );
    this.gauges.preview(usedOf(findings));
  }

  /** In a few words what the rules would say of a click on a territory. */
  #hint(/** @type {number} */ one) {
    const { broken, findings } = outlookOf(this.#region, this.#after(one));
    const moved = wayOf(this.#proposal, this.country.codes[one]);
    if (!broken.length) {
      if (moved) return ["ok", ""];
      const rule = this.#wayOf(one) === "addition" ? "margin_up" : "margin_down";
      const left = findings.find((finding) => finding.rule === rule)?.figures.left;
      return ["ok", left ? t("workbench.if_left", { people: number(left.floor()) }) : t("workbench.if_possible")];
    }
    const margins = broken.filter((finding) => finding.rule.startsWith("margin"));
    const reasons = broken
      .filter((finding) => !(finding.rule === "final_share" && margins.length))
      .map(({ rule, figures }) => {
        if (rule === "order") return t(`workbench.${moved ? "back" : "if"}_order`);
        if (rule.startsWith("margin")) {
          const { population, limit } = figures;
          return t("workbench.if_margin", { people: number(population.minus(limit).ceiling()) });
        }
        if (rule !== "final_share") return t(`workbench.rule_${rule}`);
        const over = figures.difference_percent.absolute().minus(figures.limit_percent);
        return t("workbench.if_share", { points: pointsText(over) });
      });
    const words = t(`workbench.${moved ? "back" : "if"}_broken`, { reasons: reasons.join(", ") });
    return ["broken", words];
  }

  /** Bring every row up to date with the proposal. */
  #updateRows() {
    const { country, words } = this;
    const order = orderOf(this.#region, this.#proposal);
    const after = zonesAfter(this.#region, this.#proposal);
    for (const [one, row] of this.rows) {
      const zone = country.zones[one];
      const moved = wayOf(this.#proposal, country.codes[one]);
      const way = this.#wayOf(one);
      const becomes = after.get(one);
      fill(row.zone, becomes === zone ? this.#zone(zone) : [
        this.#swatch(zone), el("span", { "aria-hidden": "true" }, "→ "),
        el("span", { class: "visually-hidden" }, `${words.zone(zone)} ${t("workbench.becomes")} `),
        this.#swatch(becomes), el("strong", {}, words.zone(becomes)),
      ]);
      const place = order.get(one);
      fill(row.order,
        place?.rank != null && el("span", { class: "bench-rank" }, place.rank),
        place && el("span", { class: `bench-turn bench-turn-${place.status}` }, t(`workbench.order_${place.status}`)));
      row.element.classList.toggle("bench-moved", moved !== null);
      row.button.hidden = !way && !moved;
      if (!way && !moved) {
        fill(row.hint, zone < 0 ? t("workbench.locked_no_zone")
          : t("workbench.locked_class"));
        continue;
      }
      const act = moved ? "take_back" : way === "addition" ? "do_add" : "do_remove";
      fill(row.button, t(`workbench.${act}`));
      row.button.setAttribute("aria-label",
        t(`workbench.${act}_named`, { name: country.names[one], zone: words.margins.lower }));
      const [verdict, hint] = this.#hint(one);
      fill(row.hint, hint && `${MARKS[verdict]} ${hint}`);
      row.hint.className = `bench-hint bench-${verdict}`;
    }
  }

  #swatch(/** @type {number} */ zone) {
    const background = zone < 0 ? "none" : `var(--zone-${zone})`;
    return el("span", { class: "swatch", style: { background } });
  }

  #zone(/** @type {number} */ zone) {
    return [this.#swatch(zone), this.words.zone(zone)];
  }

  /** Sort and filter the rows. */
  #arrange() {
    const { country } = this;
    const { added, removed } = movedNumbers(country, this.#proposal);
    const place = new Map([...this.#region.additions, ...this.#region.removals].map((one, k) => [one, k]));
    const { apl } = this.model.territories;
    const kinds = {
      movable: (one) => this.#wayOf(one) !== null,
      additions: (one) => this.#wayOf(one) === "addition",
      removals: (one) => this.#wayOf(one) === "removal",
      moved: (one) => added.has(one) || removed.has(one),
      locked: (one) => this.#wayOf(one) === null,
      all: () => true,
    };
    const keys = {
      order: (one) => place.get(one) ?? Infinity,
      zone: (one) => country.zones[one],
      apl: (one) => apl?.[one] ?? Infinity,
      people: (one) => this.rows.get(one).size.toNumber(),
    };
    const { column, falls } = this.#sort;
    const byName = (one, two) => country.names[one].localeCompare(country.names[two], "fr");
    const compare = (one, two) => {
      const [a, b] = column === "name" ? [0, 0] : [keys[column](one), keys[column](two)];
      const first = column === "name" ? byName(one, two) : a === b ? 0 : a - b;
      return (falls ? -first : first) || byName(one, two) || one - two;
    };
    const sought = this.#name.trim().toLocaleLowerCase("fr");
    const plain = (/** @type {string} */ text) =>
      text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase("fr");
    const shown = this.#region.own.filter((/** @type {number} */ one) => kinds[this.#filter](one)
      && (!sought || plain(country.names[one]).includes(plain(sought)) || country.codes[one].startsWith(this.#name.trim())));
    shown.sort(compare);
    // The row of the focused element stays where the focus is.
    const focused = document.activeElement;
    fill(byId("bench-body"), shown.map((/** @type {number} */ one) => this.rows.get(one).element));
    if (focused instanceof HTMLElement && byId("bench-body").contains(focused)) focused.focus();
    for (const filter of FILTERS) {
      const button = byId(`bench-filter-${filter}`);
      button.setAttribute("aria-pressed", String(filter === this.#filter));
      const n = this.#region.own.filter(kinds[filter]).length;
      fill(button, t(`workbench.filter_${filter}`, { n: number(n) }));
    }
    for (const one of COLUMNS) {
      const heading = byId(`bench-column-${one}`);
      if (one === column) heading.setAttribute("aria-sort", falls ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    }
    const n = shown.length;
    fill(byId("bench-count"), t("workbench.shown_rows", { n, n_text: number(n) }));
    this.shown = shown;
    this.#rove(shown.find((/** @type {number} */ one) => !this.rows.get(one).button.hidden) ?? shown[0]);
    this.#mark();
  }

  /** Let the tab key reach one row, from which arrows lead to the others. */
  #rove(/** @type {number | undefined} */ one) {
    for (const [it, row] of this.rows) {
      row.button.tabIndex = it === one ? 0 : -1;
      row.element.querySelector(".bench-name").tabIndex = it === one ? 0 : -1;
    }
  }

  #arrow(/** @type {KeyboardEvent} */ event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const row = /** @type {HTMLElement} */ (event.target).closest("tr");
    const place = this.shown.findIndex((/** @type {number} */ one) => this.rows.get(one).element === row);
    const next = this.shown[place + step];
    event.preventDefault();
    if (next === undefined) return;
    this.#rove(next);
    const { button, element } = this.rows.get(next);
    (button.hidden ? element.querySelector(".bench-name") : button).focus();
  }

  // --- the proposal ------------------------------------------------------------------------------

  /** Take a step, save it and say it. */
  #step(/** @type {import("./rules.mjs").Proposal} */ proposal, /** @type {string} */ words) {
    this.#draft.step(proposal);
    this.#saved(words);
  }

  #again(/** @type {"undo" | "redo"} */ which) {
    this.#draft[which]();
    this.#saved(t(`workbench.${which}`) + ".");
  }

  /** Save a step, and say it with the new verdict, which is to be seen anyway. */
  #saved(/** @type {string} */ words) {
    const kept = this.store.write(this.#proposal);
    this.#update();
    this.#say(kept ? "" : t("workbench.not_saved"));
    fill(byId("bench-spoken"), `${words} ${byId("bench-verdict").textContent}`);
  }

  #say(/** @type {string} */ words) {
    fill(byId("bench-status"), words);
  }

  /** Bring all that depends on the proposal up to date. */
  #update() {
    this.findings = judge(this.#region, this.#proposal);
    byId("bench-undo").toggleAttribute("disabled", !this.#draft.canUndo);
    byId("bench-redo").toggleAttribute("disabled", !this.#draft.canRedo);
    this.gauges.update(usedOf(this.findings));
    this.#updateVerdict();
    this.#updateRows();
    if (this.#filter === "moved" || byId("bench-filter-moved").textContent) this.#arrangeMoved();
    this.#updateMoves();
    this.#updateDates();
    this.#updateShares();
    this.#show();
  }

  #arrangeMoved() {
    if (this.#filter === "moved") this.#arrange();
    const { added, removed } = movedNumbers(this.country, this.#proposal);
    const n = this.#region.own.filter((/** @type {number} */ one) => added.has(one) || removed.has(one)).length;
    fill(byId("bench-filter-moved"), t("workbench.filter_moved", { n: number(n) }));
  }

  #updateVerdict() {
    const broken = this.findings.filter((one) => one.verdict === "broken");
    const isMoved = broken.some((one) => RULES_OF_MOVES.includes(one.rule));
    const kind = !broken.length ? "ok" : isMoved ? "broken" : "incomplete";
    const n = broken.length;
    const headline = { ok: "accepted", broken: "refused", incomplete: "incomplete" }[kind];
    const names = broken.map((one) => t(`workbench.rule_${one.rule}`)).join(", ");
    const element = byId("bench-verdict");
    element.className = `bench-verdict bench-${kind}`;
    fill(element, { ok: MARKS.ok, broken: MARKS.broken, incomplete: "…" }[kind], " ",
      t(`workbench.${headline}`, { n, n_text: number(n), names: kind === "incomplete" ? names.toLowerCase() : names }), ".");
    fill(
      byId("bench-rules"),
      el("h3", { id: "bench-rules-title" }, t("workbench.verdict")),
      el("p", { class: "bench-help" }, t("workbench.same_as_command", { command: CHECK_COMMAND })),
      el("table", { class: "bench-rules" },
        el("thead", {}, el("tr", {},
          ["rule", "verdict", "reason"].map((one) => el("th", { scope: "col" }, t(`workbench.column_${one}`))))),
        el("tbody", {}, this.findings.map((one) => this.#rule(one)))),
    );
  }

  /** @param {import("./rules.mjs").Finding} finding */
  #rule(finding) {
    const { rule, verdict, article } = finding;
    const kind = verdict.replace(" ", "_");
    return el("tr", { class: `bench-${kind}`, "data-rule": rule, "data-verdict": verdict },
      el("th", { scope: "row" }, t(`workbench.rule_${rule}`)),
      el("td", {}, `${MARKS[verdict]} ${t(`workbench.is_${kind}`)}`),
      el("td", {}, this.words.sentence(finding),
        el("details", {}, el("summary", {}, t("workbench.article")), el("p", { lang: "fr" }, article))));
  }

  #updateMoves() {
    const { additions, removals } = this.#proposal;
    const list = (/** @type {any[]} */ moves, /** @type {string} */ way) => moves.length > 0 && [
      el("h4", {}, t(`workbench.${way === "addition" ? "added" : "removed"}_list`, { n: moves.length })),
      el("ul", { class: "bench-list" }, moves.map((one) => this.#moveItem(one, way))),
    ];
    const focused = document.activeElement?.id;
    fill(byId("bench-moves"), list(additions, "addition"), list(removals, "removal"),
      !additions.length && !removals.length && el("p", {}, t("workbench.no_moves")));
    if (focused?.startsWith("bench-why-")) document.getElementById(focused)?.focus();
  }

  #moveItem(/** @type {any} */ { territory, justification }, /** @type {string} */ way) {
    const known = this.country.numbers.get(territory);
    const name = this.words.named(territory);
    const id = `bench-why-${territory}`;
    const fault = faultOfJustification(justification, this.model.workbench.file.longest);
    return el("li", { onpointerenter: () => known !== undefined && change({ hover: known }), onpointerleave: () => change({ hover: null }) },
      el("p", {},
        known === undefined ? t("workbench.not_here", { code: name })
          : t(`workbench.move_${way}`, { name, zone: this.words.margins.lower }), " ",
        el("button", {
          type: "button", "aria-label": t("workbench.take_back_named", { name }),
          onclick: () => {
            this.#step(withMove(this.#proposal, territory, null), t("workbench.announce_back", { name }));
            byId("bench-proposal").focus();
          },
        }, t("workbench.take_back"))),
      el("label", { for: id }, t("workbench.justification_of", { name })),
      el("textarea", {
        id, rows: 2, placeholder: t("workbench.justification_hint"),
        "aria-describedby": fault && `${id}-fault`, "aria-invalid": fault && "true",
        onchange: (/** @type {Event} */ event) => {
          const { value } = /** @type {HTMLTextAreaElement} */ (event.target);
          this.#step(withJustification(this.#proposal, territory, value), "");
        },
      }, justification),
      fault && el("p", { class: "bench-broken", id: `${id}-fault` },
        t(`workbench.${fault.kind}`, { n: number(fault.number ?? 0) })));
  }

  #dates() {
    const { dates, years } = this.model.workbench.file;
    const [first, last] = years;
    return el("div", { class: "bench-dates" }, dates.map((/** @type {string} */ name) => el("p", {},
      el("label", { for: `bench-date-${name}` }, t(`workbench.date_${name}`)), " ",
      el("input", {
        type: "date", id: `bench-date-${name}`, min: `${first}-01-01`, max: `${last}-12-31`,
        onchange: (/** @type {Event} */ event) => {
          const { value } = /** @type {HTMLInputElement} */ (event.target);
          const isKept = value === "" || isWithinYears(value, years);
          this.#step({ ...this.#proposal, [name]: (isKept && value) || null }, "");
          if (!isKept) this.#say(t("workbench.date_refused"));
        },
      }))));
  }

  #updateDates() {
    for (const name of this.model.workbench.file.dates) {
      const field = /** @type {HTMLInputElement} */ (byId(`bench-date-${name}`));
      const day = /** @type {any} */ (this.#proposal)[name] ?? "";
      if (field.value !== day) field.value = day;
    }
  }

  #updateShares() {
    const after = zonesAfter(this.#region, this.#proposal);
    const own = (/** @type {(one: number) => boolean} */ inside) =>
      shareText(shareOf(this.#region, inhabitants(this.country, this.#region.own.filter(inside))));
    fill(
      byId("bench-shares"),
      el("h3", { id: "bench-shares-title" }, t("workbench.shares")),
      el("table", {},
        el("thead", {}, el("tr", {}, ["zone", "before", "after"].map((one, place) =>
          el("th", { scope: "col", class: place > 0 && "number" }, t(`workbench.column_${one}`))))),
        el("tbody", {}, this.model.meta.zones.map((/** @type {any} */ _, /** @type {number} */ zone) =>
          el("tr", {},
            el("th", { scope: "row" }, this.#zone(zone)),
            el("td", { class: "number" }, own((one) => this.country.zones[one] === zone)),
            el("td", { class: "number" }, own((one) => after.get(one) === zone)))))),
    );
  }

  // --- the rest ----------------------------------------------------------------------------------

  #across() {
    const { locked, shared } = this.#region;
    const { meta } = this.model;
    const nameOf = (/** @type {string} */ code) =>
      meta.regions.find((/** @type {any} */ one) => one.code === code)?.name ?? code;
    const table = (/** @type {any[]} */ rows, /** @type {string} */ kind, /** @type {string} */ relation) =>
      rows.length > 0 && [
        el("p", {}, t(`workbench.${kind}_here`, { n: rows.length })),
        el("table", {},
          el("thead", {}, el("tr", {}, ["name", "region", "zone", "communes", "people"].map((one) =>
            el("th", { scope: "col", class: ["communes", "people"].includes(one) && "number" }, t(`workbench.column_${one}`))))),
          el("tbody", {}, rows.map((one) => el("tr", {
            onpointerenter: () => change({ hover: one.territory }), onpointerleave: () => change({ hover: null }),
          },
          el("th", { scope: "row" }, el("button", {
            type: "button", class: "bench-name",
            onclick: () => {
              change({ territory: one.territory, commune: null });
              this.map?.fitTerritory?.(one.territory);
            },
          }, this.country.names[one.territory])),
          el("td", {}, `${t(`workbench.${relation}`)} ${nameOf(one.region)}`),
          el("td", {}, this.#zone(this.country.zones[one.territory])),
          el("td", { class: "number" }, number(one.communes)),
          el("td", { class: "number" }, number(one.population)))))),
      ];
    if (!locked.length && !shared.length) return null;
    return el("details", { class: "bench-part" }, el("summary", {}, t("workbench.across")),
      table(locked, "locked", "classed_by"), table(shared, "shared", "lies_in"));
  }

  #tables() {
    const text = el("textarea", { id: "bench-text", rows: 6, readonly: true, hidden: true, "aria-label": t("workbench.copy_text") });
    const said = el("p", { id: "bench-copied", role: "status" });
    const copy = async (/** @type {(typeof ANNEX_TABLES)[number]} */ name) => {
      const table = annexTable(name, this.model, this.#region, this.#proposal);
      const tabbed = tabbedText(table, lang() === "fr" ? "," : ".");
      const n = table.rows.length;
      try {
        await navigator.clipboard.writeText(tabbed);
        text.hidden = true;
        fill(said, t("workbench.copied", { n, n_text: number(n) }));
      } catch {
        text.hidden = false;
        /** @type {HTMLTextAreaElement} */ (text).value = tabbed;
        /** @type {HTMLTextAreaElement} */ (text).select();
        fill(said, t("workbench.copy_by_hand"));
      }
    };
    return el("details", { class: "bench-part", id: "bench-tables" }, el("summary", {}, t("workbench.tables")),
      el("ul", { class: "bench-list" }, ANNEX_TABLES.map((name) => el("li", {},
        t(`workbench.table_${name}`), " ",
        el("button", {
          type: "button", id: `bench-copy-${name}`, onclick: () => copy(name),
          "aria-label": `${t("workbench.copy")} : ${t(`workbench.table_${name}`)}`,
        }, t("workbench.copy"))))),
      said, text);
  }

  #law() {
    const { law } = this.country;
    const choices = ["addition_order", "margin_counting", "regional_population", "base_share"];
    return el("details", { class: "bench-part" }, el("summary", {}, t("workbench.law")),
      el("ul", {},
        el("li", {}, t("workbench.law_margin", {
          margin: this.words.margin, people: wholePeopleText(this.#region.limit), ...this.words.margins,
        })),
        choices.map((one) => el("li", {}, t(`workbench.law_${one}_${law[one]}`)))));
  }

  // --- map, keys and files -----------------------------------------------------------------------

  /** Show the proposal on the map while the workbench is open. */
  #show() {
    const isDrawn = this.#isShown && this.#region?.base;
    if (!isDrawn) {
      if (state.proposal) change({ proposal: null });
      return;
    }
    const { added, removed } = movedNumbers(this.country, this.#proposal);
    change({ proposal: { region: /** @type {number} */ (state.region), added, removed } });
  }

  /** Follow a click on the map: to its region first, then to the row of the territory. */
  #follow() {
    const { territory } = state;
    if (!this.#isShown || territory === null) return;
    if (state.region === null) change({ region: this.model.territories.region[territory] });
    this.#mark();
    if (!this.#region?.base) return;
    const row = this.rows.get(territory);
    if (!row) {
      const region = this.model.meta.regions[this.model.territories.region[territory]];
      this.#say(`${this.country.names[territory]} : ${t("workbench.classed_by")} ${region.name}.`);
      return;
    }
    if (!row.element.isConnected) {
      this.#filter = "all";
      this.#name = "";
      /** @type {HTMLInputElement} */ (byId("bench-name")).value = "";
      this.#arrange();
    }
    this.#rove(territory);
    this.#preview();
    this.#reveal(row.element);
  }

  /** Scroll to a row within the workbench, or the page where that does not scroll by itself. */
  #reveal(/** @type {HTMLElement} */ row) {
    if (this.root.scrollHeight <= this.root.clientHeight) {
      row.scrollIntoView({ block: "nearest" });
      return;
    }
    const [own, all] = [row.getBoundingClientRect(), this.root.getBoundingClientRect()];
    // Somewhat below the middle: above it are the gauges.
    this.root.scrollTop += own.top - all.top - 0.7 * all.height;
  }

  /** Mark the rows of the territories that are pointed at and chosen. */
  #mark() {
    if (!this.#region?.base) return;
    for (const [one, { element }] of this.rows) {
      element.classList.toggle("bench-hover", one === state.hover);
      element.classList.toggle("bench-chosen", one === state.territory);
    }
  }

  #key(/** @type {KeyboardEvent} */ event) {
    if (!this.#isShown || !this.#region?.base || !(event.ctrlKey || event.metaKey)) return;
    // Within a field the keys undo what is typed.
    if (event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement) return;
    const key = event.key.toLowerCase();
    const which = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : null;
    if (!which) return;
    event.preventDefault();
    this.#again(which);
  }

  #export() {
    const { up, down } = usedOf(this.findings);
    const comments = new Map([[this.#region.code, t("workbench.comment_region", {
      name: this.model.meta.regions[/** @type {number} */ (state.region)].name,
      people: exactPeopleText(up), back: exactPeopleText(down), limit: wholePeopleText(this.#region.limit),
    })]]);
    for (const { territory } of [...this.#proposal.additions, ...this.#proposal.removals]) {
      const known = this.country.numbers.get(territory);
      if (known === undefined) continue;
      // No APL: proposals leave the agency, and an exact one is none of theirs.
      const size = exactPeopleText(inhabitants(this.country, [known]));
      comments.set(territory, `${this.country.names[known]}, ${size}`);
    }
    const { dates } = this.model.workbench.file;
    const text = proposalText(this.#proposal, comments, dates, t("workbench.comment_gap"));
    saveText(`proposition-${this.#region.code}.toml`, text, "application/toml");
  }

  async #import(/** @type {HTMLInputElement} */ input) {
    const [file] = input.files ?? [];
    if (!file) return;
    const { name } = file;
    let proposal;
    try {
      const bytes = await file.arrayBuffer();
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      proposal = readProposal(text, this.model.workbench.file);
    } catch (error) {
      this.#sayFaults(name, error);
      return;
    } finally {
      input.value = "";
    }
    const place = this.model.meta.regions.findIndex((/** @type {any} */ one) => one.code === proposal.region);
    if (place < 0) {
      this.#say(t("workbench.import_other_region", { code: proposal.region }));
      return;
    }
    change({ region: place });
    if (!this.#region?.base) return;
    this.#step(proposal, "");
    this.#say(t("workbench.imported", { file: name }));
  }

  #sayFaults(/** @type {string} */ file, /** @type {unknown} */ error) {
    const isProposal = error instanceof ProposalFileError;
    if (!isProposal && !(error instanceof TypeError)) throw error;
    const faults = isProposal ? error.faults : [{ kind: "not_text", line: 1 }];
    const n = faults.length;
    fill(
      byId("bench-status"),
      t("workbench.import_failed", { file, n, n_text: number(n) }),
      el("ul", {}, faults.map((one) => el("li", {}, t("workbench.import_line", {
        line: one.line,
        what: t(`workbench.file_${one.kind}`, { key: one.key ?? "", value: one.value ?? "", n: number(one.number ?? 0) }),
      })))),
    );
  }
}
