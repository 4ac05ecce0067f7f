// A multi-select drawn from the model's `options` and `value`.
// Rows are kept and patched in place, so focus and scroll survive every change.

// plotly's marker symbols at radius 5
const SYMBOLS = {
  circle: "M5,0A5,5 0 1,1 0,-5A5,5 0 0,1 5,0Z",
  square: "M-5,-5H5V5H-5Z",
  diamond: "M6.5,0L0,6.5L-6.5,0L0,-6.5Z",
  "triangle-up": "M-5.77,2.5H5.77L0,-5Z",
  "triangle-down": "M-5.77,-2.5H5.77L0,5Z",
  cross: "M6,2H2V6H-2V2H-6V-2H-2V-6H2V-2H6Z",
  x: "M0,2.83l2.83,2.83 2.83,-2.83 -2.83,-2.83 2.83,-2.83 -2.83,-2.83 -2.83,2.83 -2.83,-2.83 -2.83,2.83 2.83,2.83 -2.83,2.83 2.83,2.83Z",
  star: "M1.58,-2.16H6.66L2.54,.83L4.12,5.66L0,2.67L-4.12,5.66L-2.54,.83L-6.66,-2.16H-1.58L0,-7Z",
  pentagon: "M4.76,-1.55L2.94,4.05H-2.94L-4.76,-1.55L0,-5Z",
  hexagon: "M4.33,-2.5V2.5L0,5L-4.33,2.5V-2.5L0,-5Z",
};

// Twin of _fold in options.py.
const fold = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

const starts = (text, words) => words.every((word) => ` ${text}`.includes(` ${word}`));

// Strictest first: starts of words, then the group's name, then anywhere in a word.
const MATCHERS = [
  (option, words) => starts(option.haystack, words),
  (option, words) => starts(fold(option.group), words),
  (option, words) => words.every((word) => option.haystack.includes(word)),
];

function search(options, query) {
  const words = fold(query).split(" ").filter((word) => word && word !== "and");
  for (const matches of MATCHERS) {
    const found = options.filter((option) => matches(option, words));
    if (found.length) return found;
  }
  return [];
}

function make(tag, className, props = {}, children = []) {
  const node = Object.assign(document.createElement(tag), { className: `imga-${className}`, ...props });
  node.append(...children);
  return node;
}

const makeCheck = () => make("input", "check", { type: "checkbox", tabIndex: -1 });

function makeSwatch() {
  const frame = document.createElement("div");
  frame.innerHTML = '<svg class="imga-swatch" viewBox="-8 -8 16 16" aria-hidden="true"><path/></svg>';
  return frame.firstChild;
}

// Puts exactly these nodes into the parent, moving only those out of place.
function place(parent, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...parent.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, i) => {
    if (parent.children[i] !== node) parent.insertBefore(node, parent.children[i] ?? null);
  });
}

class View {
  rows = new Map(); // value -> {node, input, swatch, text, why, option}
  sections = new Map(); // group -> {node, head, input, tally, options}

  constructor(model) {
    this.model = model;
    this.caption = make("span", "caption");
    this.count = make("span", "count", { ariaLive: "polite" });
    this.all = make("button", "button", { type: "button", onclick: () => this.set(this.found, true) });
    this.none = make("button", "button", { type: "button", onclick: () => this.set(this.found, false) });
    this.query = make("input", "search", { type: "search", placeholder: "Search", oninput: () => this.filter() });
    this.box = make("div", "box");
    this.empty = make("div", "empty");
    const tools = make("div", "tools", {}, [this.all, this.none]);
    this.root = make("div", "picker", { role: "group" }, [this.caption, tools, this.query, this.box, this.empty, this.count]);
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    this.box.addEventListener("focusin", (event) => this.setStop(event.target));
    this.box.addEventListener("click", (event) => {
      if (event.target.ariaDisabled === "true") event.preventDefault();
    });
  }

  get options() {
    return this.model.get("options");
  }
  get chips() {
    return this.model.get("layout_style") === "chips";
  }

  set(options, on) {
    const picked = new Set(this.model.get("value"));
    for (const { value } of options) on ? picked.add(value) : picked.delete(value);
    const kept = this.options.filter((option) => picked.has(option.value) && !option.disabled);
    this.model.set("value", kept.map((option) => option.value));
    this.model.save_changes();
  }

  // What can have the focus inside the box, top to bottom. Tab enters it once (roving tabindex).
  stops() {
    return [...this.box.querySelectorAll(".imga-section:not([hidden]) > label:not([hidden]) > input")];
  }

  setStop(input) {
    if (this.stop) this.stop.tabIndex = -1;
    this.stop = input;
    if (input) input.tabIndex = 0;
  }

  // Which element a key takes the focus to.
  targets(from) {
    const stops = this.stops();
    if (from === this.query) {
      const first = stops.find((input) => input.parentNode.matches(".imga-row"));
      return { ArrowDown: first, Enter: first };
    }
    const at = stops.indexOf(from);
    if (at < 0) return {};
    const [next, back] = [stops[at + 1], stops[at - 1] ?? this.query];
    const sideways = this.chips ? { ArrowRight: next, ArrowLeft: back } : {};
    return { ArrowDown: next, ArrowUp: back, Home: stops[0], End: stops.at(-1), ...sideways };
  }

  onKey(event) {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    const targets = this.targets(target);
    if (key in targets) targets[key]?.focus();
    else if (key === "Enter" && this.box.contains(target)) target.click();
    else if (key === "Escape") this.clear();
    else return;
    event.preventDefault();
  }

  clear() {
    this.query.value = "";
    this.filter();
  }

  draw() {
    const { activeElement } = document;
    const focused = this.root.contains(activeElement) && activeElement;
    const label = this.model.get("label");
    const groups = Map.groupBy(this.options, (option) => option.group);
    this.rows = new Map(this.options.map((option) => [option.value, this.patchRow(option)]));
    this.sections = new Map([...groups].map(([group, options]) => [group, this.patchSection(group, options)]));
    place(this.box, [...this.sections.values()].map((section) => section.node));
    this.root.dataset.style = this.model.get("layout_style");
    this.root.ariaLabel = this.caption.textContent = label;
    this.query.ariaLabel = `Search ${label}`.trim();
    this.query.hidden = this.chips;
    const lines = this.options.length + [...groups.keys()].filter(Boolean).length;
    this.root.style.setProperty("--imga-rows", Math.min(this.model.get("rows"), lines));
    this.filter();
    if (focused && document.activeElement !== focused) (focused.isConnected ? focused : this.stop ?? this.query).focus();
  }

  patchRow(option) {
    const row = this.rows.get(option.value) ?? this.makeRow();
    row.option = option;
    row.node.title = option.hint;
    row.node.style.setProperty("--imga-swatch", option.colour || "var(--imga-brand)");
    row.text.textContent = option.label;
    row.why.textContent = option.disabled ? option.why : "";
    row.input.ariaDisabled = String(option.disabled);
    row.swatch.style.display = option.colour || option.symbol ? "" : "none";
    row.swatch.firstChild.setAttribute("d", SYMBOLS[option.symbol || "circle"]);
    return row;
  }

  makeRow() {
    const row = { input: makeCheck(), swatch: makeSwatch(), text: make("span", "text"), why: make("span", "why") };
    row.node = make("label", "row", {}, [row.input, row.swatch, row.text, row.why]);
    row.input.onchange = () => this.set([row.option], row.input.checked);
    return row;
  }

  patchSection(group, options) {
    const section = this.sections.get(group) ?? this.makeSection(group);
    section.options = options;
    place(section.node, [section.head, ...options.map((option) => this.rows.get(option.value).node)]);
    return section;
  }

  makeSection(group) {
    const section = { input: makeCheck(), tally: make("span", "tally") };
    const head = [section.input, make("span", "text", { textContent: group }), section.tally];
    section.head = make("label", "head", { hidden: !group }, head);
    section.node = make("div", "section", { role: "group", ariaLabel: group });
    section.input.onchange = () => this.set(this.shown(section), section.input.checked);
    return section;
  }

  shown(section) {
    return section.options.filter((option) => this.found.includes(option));
  }

  filter() {
    this.found = search(this.options, this.chips ? "" : this.query.value);
    for (const row of this.rows.values()) row.node.hidden = !this.found.includes(row.option);
    for (const section of this.sections.values()) section.node.hidden = !this.shown(section).length;
    const hint = `Nothing matches “${this.query.value.trim()}”. Press Esc to clear.`;
    this.empty.textContent = this.found.length ? "" : this.options.length ? hint : "Nothing to choose from.";
    if (!this.stops().includes(this.stop)) this.setStop(this.stops()[0]);
    this.drawValue();
  }

  drawValue() {
    const picked = new Set(this.model.get("value"));
    for (const row of this.rows.values()) row.input.checked = picked.has(row.option.value);
    for (const section of this.sections.values()) this.drawHead(section, picked);
    const open = this.options.filter((option) => !option.disabled).length;
    const searching = this.found.length < this.options.length;
    this.all.textContent = searching ? "Select found" : "All";
    this.none.textContent = searching ? "Clear found" : "None";
    this.all.disabled = this.none.disabled = !this.found.length;
    const text = `${picked.size} of ${open} selected${searching ? ` · ${this.found.length} found` : ""}`;
    if (this.count.textContent !== text) this.count.textContent = text;
  }

  drawHead({ input, tally, ...section }, picked) {
    const open = (options) => options.filter((option) => !option.disabled);
    const on = (options) => options.filter((option) => picked.has(option.value)).length;
    const [all, shown] = [open(section.options), open(this.shown(section))];
    input.checked = shown.length > 0 && on(shown) === shown.length;
    input.indeterminate = on(shown) > 0 && !input.checked;
    input.ariaDisabled = String(!shown.length);
    tally.textContent = all.length ? `${on(all)}/${all.length}` : "";
  }
}

function render({ model, el }) {
  const view = new View(model);
  // Lab's shortcuts (D D deletes a cell!) listen on the document and heed this mark on the focused element
  // alone. It has to be set before they see the key, and not for Ctrl+S.
  const guard = ({ target, ctrlKey, metaKey, altKey }) => {
    const plain = !(ctrlKey || metaKey || altKey);
    if (view.root.contains(target)) target.toggleAttribute("data-lm-suppress-shortcuts", plain);
  };
  window.addEventListener("keydown", guard, true);
  model.on("change:options change:label change:rows change:layout_style", () => view.draw());
  model.on("change:value", () => view.drawValue());
  view.draw();
  el.append(view.root);
  return () => window.removeEventListener("keydown", guard, true);
}

export default { render };
