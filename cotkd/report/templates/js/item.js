"use strict";

// The open question: what was asked, and every answer to it; read, compared, or token by token.

const MODES = { read: "Read", compare: "Compare", growth: "Growth" };

const GROWTH =
  "Contrastive growth of each token in nats: its log-probability after the answer that the text " +
  "argues for, less that after other answers. Point at a token for its value; beyond the ends of " +
  "the scale the colour stays.";

class ItemView {
  constructor(element, data) {
    this.element = element;
    this.data = data;
    this.mode = "read";
    this.pair = [null, null];
    this.needle = "";
    this.item = null;
  }

  set() {
    return this.data.sets[this.item.s];
  }

  // Ways to show this item: comparing needs two answers, growth needs token values.
  modes() {
    const modes = ["read"];
    if (this.item.x.length > 1) modes.push("compare");
    if (this.item.x.some((answer) => answer.w)) modes.push("growth");
    return modes;
  }

  show(item) {
    const other = item !== this.item;
    this.item = item;
    if (other) this.element.scrollTop = 0;
    if (!item) {
      this.element.replaceChildren(make("p", "empty", "No question matches these filters."));
      return;
    }
    const modes = this.modes();
    const mode = modes.includes(this.mode) ? this.mode : "read";
    const bodies = { read: () => this.cards(), compare: () => this.compared(), growth: () => this.weighed() };
    this.element.replaceChildren(...this.head(item), this.switch(modes, mode), ...bodies[mode]());
  }

  change(mode) {
    if (!this.item || !this.modes().includes(mode)) return;
    this.mode = this.mode === mode ? "read" : mode;
    const focused = this.element.contains(document.activeElement);
    this.show(this.item);
    if (focused) this.element.querySelector(`.modes [aria-pressed="true"]`)?.focus();
  }

  switch(modes, mode) {
    const bar = make("div", "modes");
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "How to show the answers");
    bar.hidden = modes.length < 2;
    for (const name of modes) {
      const button = make("button", "", MODES[name]);
      button.type = "button";
      button.dataset.mode = name;
      button.setAttribute("aria-pressed", name === mode);
      button.addEventListener("click", () => name !== mode && this.change(name));
      bar.append(button);
    }
    return bar;
  }

  head(item) {
    const question = make("h2", "question");
    question.dir = "auto";
    writeFound(question, item.q, this.needle);
    const parts = [question];
    if (item.o) {
      const options = make("ol", "options");
      options.append(...item.o.map((option) => make("li", "", visible(option))));
      parts.push(options);
    }
    const meta = make("p", "meta");
    fact(meta, "gold answer", item.a);
    if (item.m) {
      const [answer, votes, voters, letter] = item.m;
      const voted = `${answer}, ${votes} of ${voters}, ${VERDICTS[letter]}`;
      fact(meta, "majority", answer === null ? "none" : voted);
    }
    fact(meta, this.set().kind === "samples" ? "from" : "suite", this.set().title);
    meta.append(make("span", "id", item.id));
    parts.push(meta);
    if (item.g) {
      const gold = make("details", "gold");
      gold.append(make("summary", "", "Gold solution"), textBlock([item.g], this.needle));
      parts.push(gold);
    }
    return parts;
  }

  cards() {
    const cards = make("div", "cards");
    cards.append(
      ...this.item.x.map((answer) => {
        const body = answer.y
          ? dialogue(answer, this.data.speakers.get(answer.n), this.needle)
          : textBlock(piecesOf(answer.t), this.needle);
        return this.card(answer, body);
      }),
    );
    return [cards];
  }

  card(answer, body) {
    const card = make("section", `card ${this.data.arms.has(answer.n) ? armClass(answer.n) : ""}`);
    card.classList.toggle("dropped", Boolean(answer.d));
    card.setAttribute("aria-label", `${answer.n}, ${VERDICTS[answer.v]}`);
    card.append(this.cardHead(answer), body);
    const notes = [];
    if (answer.d) notes.push(["dropped by", answer.d]);
    else if (this.set().drops) notes.push(["kept", ""]);
    if (answer.f) notes.push(["cut off at the token limit", ""]);
    for (const [name, value] of Object.entries(answer.r ?? {}))
      notes.push([name, String(value).replace("-", "−")]);
    if (notes.length) {
      const foot = make("footer", "fate");
      for (const [name, value] of notes) fact(foot, name, value);
      card.append(foot);
    }
    return card;
  }

  cardHead(answer) {
    const head = make("header");
    const name = make("span", "name");
    if (this.data.arms.has(answer.n)) name.append(make("i", `key ${armClass(answer.n)}`));
    name.append(answer.n);
    const verdict = make("span", `verdict ${answer.v}`);
    verdict.append(make("i", `chip ${answer.v}`), VERDICTS[answer.v]);
    head.append(name, verdict);
    if (answer.e !== undefined) head.append(make("span", "answer", visible(answer.e)));
    const way = answer.b && !answer.n.startsWith(answer.b) ? answer.b : "";
    const about = [way, this.data.arms.get(answer.n)];
    if (answer.c !== undefined) about.push(`told that the answer is ${answer.c}`);
    const shown = about.filter(Boolean).join(" · ");
    if (shown) head.append(make("small", "about", shown));
    return head;
  }

  // The two answers to compare: those chosen, else a right and a wrong one, else the first two.
  chosenPair() {
    const answers = this.item.x;
    const byName = (name) => answers.find((answer) => answer.n === name);
    const first = byName(this.pair[0]) ?? answers.find(isRight) ?? answers[0];
    let second = byName(this.pair[1]);
    if (!second || second === first)
      second = answers.find((answer) => answer !== first && isRight(answer) !== isRight(first))
        ?? answers.find((answer) => answer !== first);
    return [first, second];
  }

  compared() {
    const pair = this.chosenPair();
    const [one, other] = pair.map((answer) => wordsOf(plain(answer.t).trim()));
    const { inA, inB, givenUp } = alignWords(one.map(wordOf), other.map(wordOf));
    const alike = inA.filter(Boolean).length;
    const summary = make("p", "note alike");
    summary.append(
      givenUp
        ? `Too different to line up: only the beginning and the end, ${whole(alike)} words, are compared.`
        : `${whole(alike)} words alike; ${whole(one.length - alike)} only of ${pair[0].n}, ` +
            `${whole(other.length - alike)} only of ${pair[1].n}.`,
    );
    const cards = make("div", "cards two");
    cards.append(
      this.card(pair[0], marked(one, inA, "first")),
      this.card(pair[1], marked(other, inB, "second")),
    );
    return [this.pickers(pair), summary, cards];
  }

  pickers(pair) {
    const bar = make("p", "pickers");
    pair.forEach((chosen, place) => {
      const select = make("select");
      select.setAttribute("aria-label", place ? "Second answer" : "First answer");
      for (const answer of this.item.x)
        select.append(new Option(answer.n, answer.n, false, answer === chosen));
      select.addEventListener("change", () => {
        const names = pair.map((answer) => answer.n);
        if (select.value === names[1 - place]) names[1 - place] = names[place];
        names[place] = select.value;
        this.pair = names;
        this.show(this.item);
        this.element.querySelectorAll(".pickers select")[place].focus();
      });
      if (place) bar.append(" against ");
      bar.append(select);
    });
    return bar;
  }

  weighed() {
    const cards = make("div", "cards");
    for (const answer of this.item.x) {
      if (!answer.w) continue;
      const card = this.card(answer, growth(answer.w, this.data.growth));
      const values = answer.w.map(([, value]) => value);
      const sum = make("p", "sum");
      fact(sum, "mean", `${signed(meanOf(values))} nats per token`);
      fact(sum, "tokens", whole(values.length));
      card.querySelector(".said").after(sum);
      cards.append(card);
    }
    return [this.legend(), cards];
  }

  legend() {
    const legend = make("div", "spectrum");
    const most = this.data.growth;
    const scale = make("span", "heat");
    // half the colour is a quarter of the value, as in text.js
    for (const value of [-most, -most / 4, 0, most / 4, most])
      scale.append(make("i", "", value ? signed(value, 1) : "0"));
    legend.append(
      make("span", "", "likelier with another answer"),
      scale,
      make("span", "", "likelier with its own"),
    );
    const note = make("p", "note", GROWTH);
    const block = make("div", "legend");
    block.append(legend, note);
    return block;
  }
}

const wordOf = (piece) => piece.word;

const armClass = (arm) => (/^(student|baseline|teacher)$/.test(arm) ? arm : "other");

function fact(parent, name, value) {
  const item = make("span", "", value === "" ? name : `${name} `);
  if (value !== "") item.append(make("b", "", visible(value)));
  parent.append(item);
}

// The words of one side; those that the other side has not are marked, neighbours in one piece.
function marked(words, alike, side) {
  const block = make("div", "said");
  block.dir = "auto";
  for (let at = 0; at < words.length; ) {
    let end = at;
    while (end < words.length && alike[end] === alike[at]) end += 1;
    const text = visible(words.slice(at, end).map((piece) => piece.text).join(""));
    const body = text.trimEnd();
    if (alike[at]) block.append(text);
    else block.append(make("ins", `only ${side}`, body), text.slice(body.length));
    at = end;
  }
  return block;
}
