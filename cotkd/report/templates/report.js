"use strict";

// Text of models enters the page through textContent alone, never as markup.

const byId = (id) => document.getElementById(id);

byId("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});

const VERDICTS = { c: "correct", w: "wrong", u: "unparsed" };
const ROW = 52; // height of a row of the list, as in the style sheet

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

async function unpack(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

const plain = (text) =>
  typeof text === "string"
    ? text
    : text.map((piece) => (typeof piece === "string" ? piece : piece[0])).join("");

const isStepWrong = (answer) => typeof answer.t !== "string";

class Browser {
  constructor(data) {
    this.sets = data.sets;
    this.items = data.items;
    this.found = [];
    this.at = -1;
    this.list = byId("list");
    this.rows = byId("rows");
    this.fillSets();
    this.listen();
    this.changeSet();
  }

  listen() {
    byId("set").addEventListener("change", () => this.changeSet());
    for (const id of ["verdict", "reason", "wrong-step"])
      byId(id).addEventListener("change", () => this.filter());
    let waiting;
    byId("search").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.filter(), 60);
    });
    let drawing = false;
    const redraw = () => {
      if (drawing) return;
      drawing = true;
      requestAnimationFrame(() => {
        drawing = false;
        this.draw();
      });
    };
    this.list.addEventListener("scroll", redraw);
    new ResizeObserver(redraw).observe(this.list);
    this.rows.addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      if (row) this.select(Number(row.dataset.at));
    });
    document.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const search = byId("search");
    if (event.target === search) {
      if (event.key !== "Escape" && event.key !== "Enter") return;
      if (event.key === "Escape" && search.value) {
        search.value = "";
        this.filter();
      }
      this.list.focus();
      event.preventDefault();
      return;
    }
    if (/^(SELECT|INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === "/") {
      search.focus();
      search.select();
      event.preventDefault();
      return;
    }
    const page = Math.max(1, Math.floor(this.list.clientHeight / ROW) - 1);
    const everywhere = { j: 1, k: -1 };
    const inList = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const step = everywhere[event.key] ?? (document.activeElement === this.list ? inList[event.key] : undefined);
    if (step === undefined || !this.found.length) return;
    this.select(Math.min(this.found.length - 1, Math.max(0, this.at + step)));
    event.preventDefault();
  }

  fillSets() {
    const size = new Array(this.sets.length).fill(0);
    for (const item of this.items) size[item.s] += 1;
    this.sets.forEach((set, number) =>
      byId("set").append(new Option(`${set.title} (${size[number].toLocaleString("en")})`, number)),
    );
  }

  changeSet() {
    const number = Number(byId("set").value);
    this.set = this.sets[number];
    this.all = this.items.filter((item) => item.s === number);
    this.fillVerdicts();
    this.fillReasons();
    byId("wrong-step").checked = false;
    byId("steps").hidden = !this.all.some((item) => item.x.some(isStepWrong));
    this.filter();
  }

  fillVerdicts() {
    const has = (letter) => (item) => item.x.some((answer) => answer.v === letter);
    const all = (letter) => (item) => item.x.every((answer) => answer.v === letter);
    const by = (item, arm) => item.x.find((answer) => answer.n === arm)?.v;
    this.tests = new Map([["any verdict", () => true]]);
    if (this.set.kind === "samples") {
      this.tests.set("all correct", all("c"));
      this.tests.set("some correct, some not", (item) => has("c")(item) && !all("c")(item));
      this.tests.set("none correct", (item) => !has("c")(item));
      this.tests.set("some wrong", has("w"));
      this.tests.set("some unparsed", has("u"));
      if (this.all.some((item) => item.m)) {
        this.tests.set("majority correct", (item) => item.m?.[2] === "c");
        this.tests.set("majority wrong", (item) => item.m && item.m[2] !== "c");
        this.tests.set("majority wrong, one correct", (item) => item.m && item.m[2] !== "c" && has("c")(item));
      }
    } else {
      for (const a of this.set.arms)
        for (const b of this.set.arms)
          if (a !== b)
            this.tests.set(`${a} right, ${b} not`, (item) => by(item, a) === "c" && by(item, b) !== "c");
      for (const arm of this.set.arms)
        for (const [letter, name] of Object.entries(VERDICTS))
          this.tests.set(`${arm} ${name}`, (item) => by(item, arm) === letter);
    }
    byId("verdict").replaceChildren(...[...this.tests.keys()].map((name) => new Option(name)));
  }

  fillReasons() {
    const counts = new Map();
    for (const item of this.all)
      for (const answer of item.x) if (answer.d) counts.set(answer.d, (counts.get(answer.d) ?? 0) + 1);
    const select = byId("reason");
    select.hidden = counts.size === 0;
    const sorted = [...counts].sort((a, b) => b[1] - a[1]);
    select.replaceChildren(
      new Option("kept or dropped", ""),
      new Option("some kept", "\0kept"),
      ...sorted.map(([reason, n]) => new Option(`${reason} (${n.toLocaleString("en")})`, reason)),
    );
  }

  haystack(item) {
    item.h ??= [item.id, item.q, item.a, ...item.x.map((answer) => `${answer.e ?? ""}\n${plain(answer.t)}`)]
      .join("\n")
      .toLowerCase();
    return item.h;
  }

  filter() {
    this.needle = byId("search").value.trim().toLowerCase();
    const test = this.tests.get(byId("verdict").value);
    const reason = byId("reason").value;
    const wrongStep = byId("wrong-step").checked;
    const before = this.found[this.at];
    this.found = this.all.filter(
      (item) =>
        test(item) &&
        (!reason || item.x.some((answer) => (reason === "\0kept" ? !answer.d : answer.d === reason))) &&
        (!wrongStep || item.x.some(isStepWrong)) &&
        (!this.needle || this.haystack(item).includes(this.needle)),
    );
    const total = this.all.length.toLocaleString("en");
    const shown = this.found.length.toLocaleString("en");
    byId("count").textContent = `${shown} of ${total} questions`;
    this.rows.style.height = `${this.found.length * ROW}px`;
    this.list.scrollTop = 0;
    this.select(this.found.length ? Math.max(0, this.found.indexOf(before)) : -1);
  }

  select(at) {
    this.at = at;
    if (at >= 0) {
      const top = at * ROW;
      const bottom = top + ROW - this.list.clientHeight;
      if (this.list.scrollTop > top) this.list.scrollTop = top;
      else if (this.list.scrollTop < bottom) this.list.scrollTop = bottom;
    }
    this.draw();
    this.show(this.found[at]);
  }

  draw() {
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW) - 4);
    const last = Math.min(this.found.length, first + Math.ceil(this.list.clientHeight / ROW) + 9);
    const rows = [];
    for (let at = first; at < last; at += 1) rows.push(this.row(this.found[at], at));
    this.rows.replaceChildren(...rows);
    if (this.at >= first && this.at < last) this.list.setAttribute("aria-activedescendant", `row-${this.at}`);
    else this.list.removeAttribute("aria-activedescendant");
  }

  row(item, at) {
    const row = make("div", "row");
    row.id = `row-${at}`;
    row.dataset.at = at;
    row.style.top = `${at * ROW}px`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", at === this.at);
    row.setAttribute("aria-setsize", this.found.length);
    row.setAttribute("aria-posinset", at + 1);
    const under = make("span", "under");
    const chips = make("span", "chips");
    for (const answer of item.x.slice(0, 12)) {
      const chip = make("i", `chip ${answer.v}`);
      chip.title = `${answer.n}: ${VERDICTS[answer.v]}`;
      chips.append(chip);
    }
    under.append(chips, make("span", "id", item.id));
    row.append(make("span", "text", item.q), under);
    return row;
  }

  show(item) {
    const detail = byId("detail");
    detail.scrollTop = 0;
    if (!item) {
      detail.replaceChildren(make("p", "empty", "No question matches."));
      return;
    }
    const question = make("p", "question");
    this.write(question, item.q);
    const meta = make("p", "meta");
    this.fact(meta, "answer", item.a);
    if (item.m) {
      const [answer, votes, letter] = item.m;
      const voted = answer === null ? "none" : `${answer} (${votes} of ${item.x.length}, ${VERDICTS[letter]})`;
      this.fact(meta, "majority", voted);
    }
    meta.append(make("span", "", item.id));
    const parts = [question];
    if (item.o) {
      const options = make("ol", "options");
      options.append(...item.o.map((option) => make("li", "", option)));
      parts.push(options);
    }
    parts.push(meta);
    if (item.g) {
      const gold = make("details");
      gold.append(make("summary", "", "gold solution"), make("p", "gold", item.g));
      parts.push(gold);
    }
    const cards = make("div", "cards");
    cards.append(...item.x.map((answer) => this.card(answer)));
    detail.replaceChildren(...parts, cards);
  }

  fact(parent, name, value) {
    const fact = make("span", "", `${name} `);
    fact.append(make("b", "", value));
    parent.append(fact);
  }

  card(answer) {
    const card = make("section", answer.d ? "card dropped" : "card");
    const header = make("header");
    const verdict = make("span", `verdict ${answer.v}`);
    verdict.append(make("i", `chip ${answer.v}`), VERDICTS[answer.v]);
    header.append(make("span", "name", answer.n), verdict);
    if (answer.e !== undefined) header.append(make("span", "answer", answer.e));
    const text = make("p", "text");
    for (const piece of typeof answer.t === "string" ? [answer.t] : answer.t) {
      if (typeof piece === "string") {
        this.write(text, piece);
        continue;
      }
      const bad = make("span", "bad", piece[0]);
      if (piece[1]) bad.dataset.value = piece[1];
      bad.title = piece[1] ? `wrong step: it gives ${piece[1]}` : "wrong step";
      text.append(bad);
    }
    card.append(header, text);
    if (answer.w) card.append(this.weights(answer.w));
    if (answer.r) {
      const scores = make("p", "scores");
      for (const [name, value] of Object.entries(answer.r)) this.fact(scores, name, String(value));
      card.append(scores);
    }
    if (this.set.kind === "samples" && !byId("reason").hidden)
      card.append(make("div", "fate", answer.d ? `dropped by ${answer.d}` : "kept"));
    return card;
  }

  // Tokens coloured by what the answer does for them: blue where it makes them likelier.
  weights(tokens) {
    const details = make("details", "weights");
    details.open = true;
    const text = make("p", "text");
    const most = Math.max(...tokens.map(([, value]) => Math.abs(value)), 1e-9);
    for (const [token, value] of tokens) {
      const span = make("span", "token", token);
      const share = Math.round((100 * Math.abs(value)) / most);
      span.style.backgroundColor = `color-mix(in srgb, var(${value < 0 ? "--against" : "--for"}) ${share}%, transparent)`;
      span.title = `${value > 0 ? "+" : ""}${value} nats`;
      text.append(span);
    }
    details.append(make("summary", "", "contrastive growth of each token: blue, likelier given this answer; orange, likelier given another"), text);
    return details;
  }

  // Appends text, with what was searched for marked.
  write(parent, text) {
    if (!this.needle) {
      parent.append(text);
      return;
    }
    const lower = text.toLowerCase();
    let from = 0;
    // Lower case may be longer than the text (İ): then positions differ, and nothing is marked.
    for (let to = lower.length === text.length ? lower.indexOf(this.needle) : -1; to >= 0; ) {
      parent.append(text.slice(from, to), make("mark", "", text.slice(to, to + this.needle.length)));
      from = to + this.needle.length;
      to = lower.indexOf(this.needle, from);
    }
    parent.append(text.slice(from));
  }
}

if (byId("list")) {
  unpack(byId("packed").textContent).then(
    (data) => {
      window.browser = new Browser(data);
      document.documentElement.dataset.ready = "yes";
    },
    (error) => {
      byId("count").textContent = `The rows could not be unpacked: ${error.message}`;
    },
  );
} else document.documentElement.dataset.ready = "yes";
