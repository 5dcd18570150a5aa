"use strict";

// A list of which only the rows in sight exist: 20,000 of them cost as much as 40.

const ROW = 58; // height of a row in pixels, as in browse.css

class RowList {
  constructor(list, rows, onSelect) {
    this.list = list;
    this.rows = rows;
    this.onSelect = onSelect;
    this.items = [];
    this.at = -1;
    this.suiteOf = null; // names the suite of an item, where several are shown
    let waiting = false;
    const redraw = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        this.draw();
      });
    };
    list.addEventListener("scroll", redraw, { passive: true });
    new ResizeObserver(redraw).observe(list);
    rows.addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      if (row) this.select(Number(row.dataset.at), { opened: true });
    });
  }

  get selected() {
    return this.items[this.at];
  }

  // Shows other items; the one selected stays so where it is among them.
  show(items, wanted = this.selected) {
    this.items = items;
    this.rows.style.height = `${items.length * ROW}px`;
    this.list.scrollTop = 0;
    this.select(items.length ? Math.max(0, items.indexOf(wanted)) : -1);
  }

  move(step) {
    if (!this.items.length) return;
    this.select(Math.min(this.items.length - 1, Math.max(0, this.at + step)));
  }

  select(at, { opened = false } = {}) {
    this.at = at;
    this.keepInSight();
    this.draw();
    this.onSelect(this.selected, opened);
  }

  keepInSight() {
    if (this.at < 0 || !this.list.clientHeight) return;
    const top = this.at * ROW;
    const least = top + ROW - this.list.clientHeight;
    if (this.list.scrollTop > top) this.list.scrollTop = top;
    else if (this.list.scrollTop < least) this.list.scrollTop = least;
  }

  get page() {
    return Math.max(1, Math.floor(this.list.clientHeight / ROW) - 1);
  }

  draw() {
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW) - 4);
    const last = Math.min(this.items.length, first + Math.ceil(this.list.clientHeight / ROW) + 9);
    const rows = [];
    for (let at = first; at < last; at += 1) rows.push(this.row(this.items[at], at));
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
    row.setAttribute("aria-setsize", this.items.length);
    row.setAttribute("aria-posinset", at + 1);
    const text = make("span", "text", item.q.slice(0, 160));
    text.dir = "auto";
    const under = make("span", "under");
    const id = this.suiteOf ? `${this.suiteOf(item)} · ${item.id}` : item.id;
    under.append(this.chips(item), make("span", "id", id));
    row.append(text, under);
    return row;
  }

  chips(item) {
    const chips = make("span", "chips");
    for (const answer of item.x.slice(0, 12)) {
      const chip = make("i", `chip ${answer.v}${answer.d ? " dropped" : ""}`);
      chip.title = `${answer.n}: ${VERDICTS[answer.v]}${answer.d ? `, dropped by ${answer.d}` : ""}`;
      chips.append(chip);
    }
    const right = item.x.filter(isRight).length;
    chips.setAttribute("role", "img");
    chips.setAttribute("aria-label", `${right} of ${item.x.length} correct`);
    return chips;
  }
}
