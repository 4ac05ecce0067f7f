// Thousands of rows in a table that stays fluent: only the rows in sight are in the page, and these are reused.
// Python filters and sorts: it sends `order`, the numbers of the rows to be shown; the cells travel once.
const ROW = 30; // height of a row in pixels; grid.css has it too
const SPARE = 8; // rows drawn above and below those in sight
const TICK = 34; // width of the column of ticks
const HELP = "Arrow keys move between rows, Enter opens, Escape closes. Up from the first row are the heads: Enter sorts.";

const texts = (data) => (data?.byteLength ? JSON.parse(new TextDecoder().decode(data)) : []);
// A copy: the numbers need not lie at a multiple of four in the message.
const numbers = (data) => new Int32Array(data?.byteLength ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : 0);

function make(name, role = "", children = []) {
  const node = document.createElement("div");
  node.className = `imga-grid-${name}`;
  if (role) node.setAttribute("role", role);
  node.append(...children);
  return node;
}

class View {
  lines = []; // elements of rows, in the order of the page
  cells = [];
  order = new Int32Array();
  cursor = -1; // row with the cursor, -1 as long as there is none: then it is the first one shown
  place = 0; // where in the order that is
  head = -1; // column whose head has the cursor, -1 while a row has it
  latest = 0; // column whose head had it last
  came = 0; // what was last scrolled to

  constructor(model) {
    this.model = model;
    this.id = `imga-grid-${Math.random().toString(36).slice(2)}`;
    this.heads = make("heads", "row");
    this.top = make("top", "rowgroup", [this.heads]);
    this.sheet = make("sheet", "rowgroup");
    this.box = make("box", "grid", [this.top, this.sheet]);
    this.empty = make("empty", "status");
    this.root = make("root", "", [this.box, this.empty]);
    this.box.tabIndex = 0;
    this.box.addEventListener("scroll", () => this.soon());
    this.box.addEventListener("keydown", (event) => this.press(event));
    this.box.addEventListener("click", (event) => this.click(event));
    this.box.addEventListener("pointerover", ({ target }) => {
      if (target.matches(".imga-grid-cell")) target.title = target.scrollWidth > target.clientWidth ? target.textContent : "";
    });
    this.watch = new ResizeObserver(() => this.reappear());
    this.watch.observe(this.box);
  }

  get ticks() {
    return Boolean(this.model.get("mark_label"));
  }
  get columns() {
    return this.model.get("columns");
  }
  tell(changes) {
    this.model.set(changes);
    this.model.save_changes();
  }

  // One drawing for each picture the screen shows, however many messages and scroll events came meanwhile.
  soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  // A table in a closed tab, or in a cell out of sight, loses where it was scrolled to.
  reappear() {
    if (!this.box.clientHeight) return;
    if (!this.box.scrollTop && this.came) this.box.scrollTop = this.came;
    this.soon();
  }

  // What seldom changes: the cells, the heads, sizes.
  build() {
    this.rebuilt = false;
    this.renewed = true;
    this.cells = texts(this.model.get("cells"));
    const [first, ...others] = this.columns.map((column) => `${column.width}px`);
    const named = first ? [`min(${first}, 46cqw)`, ...others] : []; // the name leaves room for the rest on a narrow screen
    const tick = this.ticks ? [`${TICK}px`] : [];
    const grow = this.columns.map((column, at) => `minmax(${named[at]}, ${column.width}fr)`);
    this.box.style.setProperty("--g-columns", [...tick, ...grow].join(" "));
    this.box.style.setProperty("--g-width", `calc(${[...tick, ...named, "0px"].join(" + ")})`);
    this.box.style.setProperty("--g-tick", this.ticks ? `${TICK}px` : "0px");
    this.root.style.height = `${this.model.get("height")}px`;
    this.lines = Array.from({ length: Math.ceil(this.model.get("height") / ROW) + 2 * SPARE }, () => this.line());
    this.started = 0;
    this.sheet.replaceChildren(...this.lines);
    this.buildHeads();
    this.name();
  }

  name() {
    this.box.setAttribute("aria-label", this.model.get("caption"));
    this.box.setAttribute("aria-description", HELP + (this.ticks ? ` Space: ${this.model.get("mark_label")}.` : ""));
    this.empty.textContent = this.model.get("empty");
  }

  buildHeads() {
    this.sorters = this.columns.map((column, at) => {
      const head = make("head", "columnheader", [make("label"), make("arrow")]);
      head.firstChild.textContent = column.label;
      head.lastChild.ariaHidden = "true";
      head.classList.toggle("imga-n", column.numeric);
      head.id = `${this.id}-head-${at}`;
      if (column.hint) (head.title = column.hint), head.setAttribute("aria-description", column.hint);
      return head;
    });
    const tick = make("head imga-tick", "columnheader", [make("check")]);
    tick.title = tick.ariaLabel = this.model.get("mark_label");
    this.heads.replaceChildren(...(this.ticks ? [tick] : []), ...this.sorters);
    this.heads.setAttribute("aria-rowindex", 1);
    this.drawSort();
  }

  drawSort() {
    const { column: by, descending } = this.model.get("sort");
    this.sorters.forEach((head, at) => {
      const own = this.columns[at]?.name === by;
      head.setAttribute("aria-sort", own ? (descending ? "descending" : "ascending") : "none");
      head.lastChild.textContent = own && !descending ? "▲" : "▼";
    });
  }

  line() {
    const check = make("check", "checkbox");
    const cells = this.columns.map((column, at) => {
      const cell = make("cell", at ? "gridcell" : "rowheader", [""]);
      cell.classList.toggle("imga-n", column.numeric);
      return cell;
    });
    const line = make("row", "row", this.ticks ? [make("cell imga-tick", "gridcell", [check]), ...cells] : cells);
    return Object.assign(line, { check, texts: cells });
  }

  draw() {
    if (this.rebuilt) this.build();
    if (this.renewed) this.renew();
    const { length } = this.order;
    this.sheet.style.height = `${length * ROW}px`;
    this.empty.hidden = length > 0;
    this.box.setAttribute("aria-rowcount", length + 1);
    if (this.box.clientHeight) this.came = this.box.scrollTop;
    const first = Math.max(0, Math.min(length - this.lines.length, Math.floor(this.came / ROW) - SPARE));
    this.turn(first);
    const marked = new Set(this.model.get("marked"));
    this.lines.forEach((line, at) => this.fill(line, first + at, marked));
    this.drawCursor(first);
  }

  // Each place in the order has its own line (place modulo lines): scrolled by one row, one line is written anew. The
  // lines that left at one end come in at the other, so that the page has the rows in the order that is seen.
  turn(first) {
    const { length } = this.lines;
    const start = first % length;
    const by = (start - this.started + length) % length;
    if (by <= length / 2) for (let i = 0; i < by; i++) this.sheet.append(this.sheet.firstChild);
    else for (let i = by; i < length; i++) this.sheet.prepend(this.sheet.lastChild);
    this.started = start;
    this.lines = [...this.sheet.children];
  }

  fill(line, place, marked) {
    line.hidden = place >= this.order.length;
    if (line.hidden) return;
    const row = this.order[place];
    if (line.place !== place) {
      line.place = place;
      line.style.top = `${place * ROW}px`;
      line.id = `${this.id}-${place}`;
      line.setAttribute("aria-rowindex", place + 2);
    }
    if (line.row !== row) this.write(line, row);
    line.setAttribute("aria-selected", row === this.model.get("chosen"));
    line.check.setAttribute("aria-checked", marked.has(row));
  }

  write(line, row) {
    line.row = row;
    const nothing = this.model.get("nothing");
    line.texts.forEach((cell, at) => {
      const text = this.cells[at]?.[row] ?? "";
      if (cell.firstChild.data === text) return;
      cell.firstChild.data = text; // text, never markup
      cell.removeAttribute("title");
      cell.classList.toggle("imga-nothing", text === nothing);
    });
    line.check.setAttribute("aria-label", `${this.model.get("mark_label")}: ${this.cells[0]?.[row] ?? ""}`);
  }

  drawCursor(first) {
    const at = this.head < 0 ? this.lines[this.place - first] : this.sorters[this.head];
    const shown = at && !at.hidden;
    for (const node of this.box.querySelectorAll(".imga-cursor")) if (node !== at) node.classList.remove("imga-cursor");
    if (shown) at.classList.add("imga-cursor"), this.box.setAttribute("aria-activedescendant", at.id);
    else this.box.removeAttribute("aria-activedescendant");
  }

  // Another order: the cursor stays with its row, and in sight if it was. Is that row gone, the top is shown.
  renew() {
    this.renewed = false;
    const seen = this.hidden(this.place) === 0;
    this.order = numbers(this.model.get("order"));
    this.sheet.style.height = `${this.order.length * ROW}px`;
    const place = this.cursor < 0 ? 0 : this.order.indexOf(this.cursor);
    if (place < 0) (this.box.scrollTop = 0), (this.cursor = -1);
    this.place = Math.max(0, place);
    if (this.cursor >= 0 && seen) this.reveal();
  }

  // How far the box has to be scrolled to have the whole row in sight.
  hidden(place) {
    const above = place * ROW - this.box.scrollTop;
    const below = above + ROW - (this.box.clientHeight - this.top.offsetHeight);
    return above < 0 ? above : Math.max(0, below);
  }
  reveal() {
    const by = this.hidden(this.place);
    if (by) this.box.scrollTop += by;
  }

  go(place) {
    this.head = -1;
    this.place = Math.max(0, Math.min(this.order.length - 1, place));
    this.cursor = this.order[this.place] ?? -1;
    this.reveal();
    this.draw();
  }

  goHead(at) {
    this.head = this.latest = Math.max(0, Math.min(this.sorters.length - 1, at));
    const [own, box, pinned] = [this.sorters[this.head], this.box.getBoundingClientRect(), this.sorters[0].getBoundingClientRect()];
    const { left, right } = own.getBoundingClientRect();
    if (this.head && left < pinned.right) this.box.scrollLeft += left - pinned.right;
    else if (right > box.right) this.box.scrollLeft += right - box.right + 2;
    this.draw();
  }

  choose() {
    const row = this.order[this.place];
    if (row === undefined) return;
    this.asked = true;
    this.tell({ chosen: row });
  }
  tick() {
    const [row, marked] = [this.order[this.place], this.model.get("marked")];
    if (row !== undefined) this.tell({ marked: marked.includes(row) ? marked.filter((each) => each !== row) : [...marked, row] });
  }
  // Who sorts wants to see what comes first then.
  sortBy(at) {
    const { column, descending } = this.model.get("sort");
    const { name, numeric } = this.columns[at];
    [this.cursor, this.place, this.box.scrollTop] = [-1, 0, 0];
    this.tell({ sort: { column: name, descending: column === name ? !descending : numeric } });
  }

  click({ target }) {
    if (String(getSelection())) return; // text that is marked is wanted as text
    const line = target.closest(".imga-grid-row");
    const at = this.sorters.indexOf(target.closest(".imga-grid-head"));
    this.box.focus({ preventScroll: true });
    if (at >= 0) this.goHead(at), this.sortBy(at);
    if (!line) return;
    this.go(line.place);
    target.closest(".imga-tick") ? this.tick() : this.choose();
  }

  keys() {
    const page = Math.max(1, Math.floor((this.box.clientHeight - this.top.offsetHeight) / ROW) - 1);
    const { head, place, order } = this;
    if (head >= 0) {
      const sort = () => this.sortBy(head);
      return {
        ArrowLeft: () => this.goHead(head - 1), ArrowRight: () => this.goHead(head + 1), Home: () => this.goHead(0),
        End: () => this.goHead(this.sorters.length - 1), ArrowDown: () => this.go(place), Enter: sort, " ": sort,
      };
    }
    return {
      ArrowDown: () => this.go(place + 1), ArrowUp: () => (place ? this.go(place - 1) : this.goHead(this.latest)),
      PageDown: () => this.go(place + page), PageUp: () => this.go(place - page), Home: () => this.go(0), End: () => this.go(order.length - 1),
      ArrowLeft: () => (this.box.scrollLeft -= 90), ArrowRight: () => (this.box.scrollLeft += 90),
      Enter: () => this.choose(), " ": () => (this.ticks ? this.tick() : this.choose()),
    };
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { ...this.keys(), Escape: () => this.tell({ chosen: -1 }) }[event.key];
    if (!act || !this.sorters.length) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  }

  // Chosen elsewhere (a chart, Python), a row comes into sight; chosen here, it stays clear of the panel that opens.
  follow() {
    const place = this.order.indexOf(this.model.get("chosen"));
    if (place >= 0) this.go(place);
    else this.soon();
    if (place >= 0 && this.asked) uncover(this.lines.find((line) => line.place === place));
    this.asked = false;
  }
}

function render({ model, el }) {
  const view = new View(model);
  // As in picker.js: Lab's shortcuts listen on the document and heed this mark, which must not stop Ctrl+S.
  const guard = ({ target, ctrlKey, metaKey, altKey }) => {
    if (target === view.box) target.toggleAttribute("data-lm-suppress-shortcuts", !(ctrlKey || metaKey || altKey));
  };
  const heard = {
    "change:columns change:cells change:mark_label change:nothing change:height": () => ((view.rebuilt = true), view.soon()),
    "change:order": () => ((view.renewed = true), view.soon()),
    "change:sort": () => view.drawSort(),
    "change:marked": () => view.soon(),
    "change:chosen": () => view.follow(),
    "change:caption change:empty": () => view.name(),
  };
  window.addEventListener("keydown", guard, true);
  for (const [events, act] of Object.entries(heard)) model.on(events, act);
  el.replaceChildren(view.root);
  view.build();
  view.soon();
  return () => {
    window.removeEventListener("keydown", guard, true);
    for (const [events, act] of Object.entries(heard)) model.off(events, act);
    view.watch.disconnect();
    cancelAnimationFrame(view.frame);
  };
}

export default { render };
