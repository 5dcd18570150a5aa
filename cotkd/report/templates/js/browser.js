"use strict";

// The browser: filters, list and open question, held together; its state is the page's address.

const CHOICES = ["in", "who", "verdict", "why", "a", "b", "how"];
const SWITCHES = ["step", "growth"];

class Browser {
  constructor(data) {
    this.data = data;
    this.view = new ItemView(byId("detail"), data);
    this.list = new RowList(byId("list"), byId("rows"), (item, opened) => this.opened(item, opened));
    const isWeighed = data.items.some((item) => item.x.some((answer) => answer.w));
    byId("browse").toggleAttribute("data-weighed", isWeighed);
    this.fillSets();
    this.listen();
    this.apply(readHash() ?? new URLSearchParams());
  }

  listen() {
    byId("in").addEventListener("change", () => this.changeSet());
    for (const id of [...CHOICES.slice(1), ...SWITCHES])
      byId(id).addEventListener("change", () => {
        if (id === "a" || id === "b") this.keepApart(id);
        if (id === "who") this.fillVerdicts(byId("verdict").value);
        this.filter();
      });
    let waiting;
    byId("search").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.filter(), 60);
    });
    byId("clear").addEventListener("click", () => {
      this.clear();
      this.list.list.focus();
    });
    byId("back").addEventListener("click", () => this.close());
    byId("previous").addEventListener("click", () => this.list.move(-1));
    byId("next").addEventListener("click", () => this.list.move(1));
    addEventListener("hashchange", () => {
      const wanted = showView();
      if (wanted && [...wanted].length) this.apply(wanted);
      else if (wanted) this.resume();
    });
    document.addEventListener("keydown", (event) => this.key(event));
  }

  // Takes filters from the address; what it does not name is off.
  apply(wanted) {
    const set = wanted.get("in");
    const known = [...byId("in").options].some((option) => option.value === set);
    byId("in").value = known ? set : byId("in").options[0].value;
    byId("search").value = wanted.get("q") ?? "";
    this.changeSet(wanted);
    this.list.keepInSight();
  }

  // Coming back by the tab keeps filters and question.
  resume() {
    this.list.keepInSight();
    this.list.draw();
    this.remember(this.list.selected);
  }

  clear() {
    byId("search").value = "";
    this.changeSet();
  }

  fillSets() {
    const sizes = this.data.sets.map(() => 0);
    for (const item of this.data.items) sizes[item.s] += 1;
    const suites = this.data.sets.filter((set) => set.kind === "predictions");
    this.data.sets.forEach((set, number) => {
      if (set === suites[0] && suites.length > 1) {
        const all = this.data.sets.reduce((n, other, at) => n + (other.kind === set.kind ? sizes[at] : 0), 0);
        byId("in").append(new Option(`All suites (${whole(all)})`, "suites"));
      }
      byId("in").append(new Option(`${set.title} (${whole(sizes[number])})`, set.title));
    });
  }

  changeSet(wanted = new URLSearchParams()) {
    const chosen = byId("in").value;
    const isIn = (set) => (chosen === "suites" ? set.kind === "predictions" : set.title === chosen);
    this.all = this.data.items.filter((item) => isIn(this.data.sets[item.s]));
    const arms = this.data.sets.filter(isIn).flatMap((each) => each.arms ?? []);
    this.arms = [...new Set(arms)];
    this.list.suiteOf = chosen === "suites" ? (item) => this.data.sets[item.s].title : null;
    this.fillWho();
    this.fillVerdicts();
    this.fillReasons();
    this.fillPair();
    byId("steps").hidden = !this.all.some((item) => item.x.some(hasWrongStep));
    byId("growths").hidden = !this.all.some((item) => item.x.some((answer) => answer.w));
    for (const id of CHOICES.slice(1)) if (wanted.get(id) !== null) choose(byId(id), wanted.get(id));
    this.fillOutcomes();
    this.fillVerdicts(byId("verdict").value);
    for (const id of SWITCHES) byId(id).checked = wanted.get(id) === "1";
    this.filter(this.all.find((item) => item.id === wanted.get("id")));
  }

  fillWho() {
    const ways = this.all.flatMap((item) => item.x.flatMap((answer) => answer.b ?? []));
    const names = this.arms.length ? this.arms : countValues(ways).map(([name]) => name);
    const label = (name) => [name, this.data.arms.get(name)].filter(Boolean).join(" · ");
    byId("who").hidden = names.length < 2;
    byId("who").replaceChildren(
      new Option("by anyone", ""),
      ...names.map((name) => new Option(label(name), name)),
    );
  }

  // Each verdict with how often whoever is chosen got it.
  fillVerdicts(kept = "") {
    const who = byId("who").value;
    const isTheirs = (answer) => !who || whoOf(answer) === who;
    const answers = this.all.flatMap((item) => item.x.filter(isTheirs));
    const group = (label, options) => {
      const element = make("optgroup");
      element.label = label;
      element.append(...options.map(([value, text]) => new Option(text, value)));
      return element;
    };
    const counts = new Map(countValues(answers.map((answer) => answer.v)));
    const each = Object.entries(VERDICTS).map(([letter, name]) => {
      return [letter, `${name} (${whole(counts.get(letter) ?? 0)})`];
    });
    const cut = answers.filter((answer) => answer.f).length;
    if (cut) each.push([CUT, `cut off (${whole(cut)})`]);
    const named = (tests) => Object.entries(tests).map(([value, [text]]) => [value, text]);
    byId("verdict").replaceChildren(new Option("any verdict", ""), group("an answer is", each));
    if (this.all.some((item) => item.x.length > 1))
      byId("verdict").append(group("of a question's answers", named(TOGETHER)));
    if (this.all.some((item) => item.m)) byId("verdict").append(group("vote", named(MAJORITY)));
    choose(byId("verdict"), kept);
  }

  fillReasons() {
    const answers = this.all.flatMap((item) => item.x);
    const counts = countValues(answers.flatMap((answer) => answer.d ?? []));
    byId("why").hidden = counts.length === 0;
    const dropped = counts.reduce((sum, [, n]) => sum + n, 0);
    byId("why").replaceChildren(
      new Option("kept or dropped", ""),
      new Option(`kept (${whole(answers.length - dropped)})`, KEPT),
      ...counts.map(([reason, n]) => new Option(`${reason} (${whole(n)})`, reason)),
    );
  }

  fillPair() {
    byId("pair").hidden = this.arms.length < 2;
    const kept = [byId("a").value, byId("b").value];
    byId("a").replaceChildren(...this.arms.map((arm) => new Option(arm, arm)));
    byId("b").replaceChildren(...this.arms.map((arm) => new Option(arm, arm)));
    const pair = kept.every((arm) => this.arms.includes(arm)) ? kept : this.arms;
    if (this.arms.length > 1) [byId("a").value, byId("b").value] = pair;
    this.fillOutcomes("");
  }

  // Nobody is compared with himself: the other one gives way.
  keepApart(changed) {
    const other = byId(changed === "a" ? "b" : "a");
    if (other.value === byId(changed).value)
      other.value = this.arms.find((arm) => arm !== other.value);
    this.fillOutcomes();
  }

  // The outcomes name the two that are compared.
  fillOutcomes(kept = byId("how").value) {
    const [a, b] = [byId("a").value, byId("b").value];
    byId("how").replaceChildren(
      new Option("any outcome", ""),
      ...Object.entries(OUTCOMES).map(([value, [text]]) => new Option(text(a, b), value)),
    );
    byId("how").value = kept;
  }

  choice() {
    const choice = { needle: byId("search").value.trim().toLowerCase() };
    for (const id of CHOICES) choice[id] = byId(id).value;
    for (const id of SWITCHES) choice[id] = byId(id).checked;
    return choice;
  }

  filter(wanted) {
    const choice = this.choice();
    this.view.needle = choice.needle;
    this.view.pair = this.arms.length > 1 ? [choice.a, choice.b] : [null, null];
    const found = this.all.filter((item) => isFound(item, choice));
    byId("count").textContent = `${whole(found.length)} of ${whole(this.all.length)} questions`;
    const filters = ["needle", "who", "verdict", "why", "how", ...SWITCHES];
    byId("clear").hidden = !filters.some((name) => choice[name]);
    this.list.show(found, wanted);
  }

  opened(item, byHand) {
    this.view.show(item);
    byId("place").textContent = item ? `${whole(this.list.at + 1)} of ${whole(this.list.items.length)}` : "";
    byId("previous").disabled = this.list.at <= 0;
    byId("next").disabled = this.list.at >= this.list.items.length - 1;
    if (byHand) this.open();
    this.remember(item);
  }

  // On a narrow screen list and question take turns.
  open() {
    byId("browse").dataset.open = "yes";
  }

  close() {
    delete byId("browse").dataset.open;
    this.list.keepInSight();
    this.list.list.focus();
  }

  remember(item) {
    if (document.body.dataset.view !== "browse") return;
    const choice = this.choice();
    const query = new URLSearchParams();
    const ids = choice.how ? CHOICES : CHOICES.filter((id) => id !== "a" && id !== "b");
    for (const id of ids) if (choice[id]) query.set(id, choice[id]);
    for (const id of SWITCHES) if (choice[id]) query.set(id, "1");
    if (choice.needle) query.set("q", choice.needle);
    if (item) query.set("id", item.id);
    history.replaceState(null, "", `#browse?${query}`);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const search = byId("search");
    if (event.key === "/" && !isTyping(event.target)) {
      event.preventDefault();
      this.enter();
      search.focus();
      search.select();
      return;
    }
    if (document.body.dataset.view !== "browse") return;
    if (event.target === search) this.keyInSearch(event);
    else if (!isTyping(event.target)) this.keyInView(event);
  }

  enter() {
    if (document.body.dataset.view === "browse") return;
    history.pushState(null, "", "#browse");
    showView();
    this.resume();
  }

  keyInSearch(event) {
    if (event.key !== "Escape" && event.key !== "Enter" && event.key !== "ArrowDown") return;
    event.preventDefault();
    if (event.key === "Escape") byId("search").value = "";
    this.filter();
    this.list.list.focus();
  }

  keyInView(event) {
    const inList = [this.list.list, document.body].includes(document.activeElement);
    const page = this.list.page;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const step = { j: 1, k: -1 }[event.key] ?? (inList ? steps[event.key] : undefined);
    if (step !== undefined) this.list.move(step);
    else if (event.key === "d") this.view.change("compare");
    else if (event.key === "g") this.view.change("growth");
    else if (event.key === "Escape") byId("browse").dataset.open ? this.close() : this.clear();
    else if (event.key === "Enter" && inList) {
      this.open();
      byId("detail").focus();
    } else return;
    event.preventDefault();
  }
}

const isTyping = (target) => /^(SELECT|INPUT|TEXTAREA)$/.test(target.tagName) && target.type !== "checkbox";

// Selects a value where there is such an option.
function choose(select, value) {
  if ([...select.options].some((option) => option.value === value)) select.value = value;
}

async function start() {
  if (!byId("browse")) return;
  try {
    if (!globalThis.DecompressionStream) throw new Error("this browser is too old for it");
    const data = await unpack(byId("packed").textContent);
    data.arms = new Map(Object.entries(data.arms)); // an arm may be called "constructor"
    data.speakers = new Map(Object.entries(data.speakers));
    new Browser(data);
    byId("browse").removeAttribute("aria-busy");
  } catch (error) {
    byId("count").textContent = `The rows could not be unpacked: ${error.message}.`;
  }
}

addEventListener("hashchange", () => byId("browse")?.hasAttribute("aria-busy") && showView());
start().finally(() => {
  ROOT.dataset.ready = "yes";
});
