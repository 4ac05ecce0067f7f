// A map of squares on which states are picked. The squares are kept and patched, so that focus survives every change.

function make(tag, name, props = {}, children = []) {
  const node = Object.assign(document.createElement(tag), { className: `imga-states-${name}`, ...props });
  node.append(...children);
  return node;
}

const NAMED = 4; // so many names are said, of more the number

class View {
  tiles = new Map(); // value -> {node, name, count, option}

  constructor(model) {
    this.model = model;
    this.caption = make("span", "caption");
    this.all = make("button", "button", { type: "button", textContent: "All", onclick: () => this.set(this.open) });
    this.none = make("button", "button", { type: "button", textContent: "None", onclick: () => this.set([]) });
    this.map = make("div", "map", { onkeydown: (event) => this.press(event) });
    this.said = make("div", "said", { ariaLive: "polite" });
    const tools = make("div", "tools", {}, [this.all, this.none]);
    this.root = make("div", "root", { role: "group" }, [make("div", "line", {}, [this.caption, tools]), this.map, this.said]);
  }

  get options() {
    return this.model.get("options");
  }
  get open() {
    return this.options.filter((option) => !option.disabled).map((option) => option.value);
  }

  set(values) {
    this.model.set("value", this.open.filter((value) => values.includes(value)));
    this.model.save_changes();
  }
  toggle({ value, disabled }) {
    const picked = this.model.get("value");
    if (!disabled) this.set(picked.includes(value) ? picked.filter((each) => each !== value) : [...picked, value]);
  }

  draw() {
    const before = this.tiles;
    this.root.ariaLabel = this.caption.textContent = this.model.get("label");
    this.tiles = new Map(this.options.map((option) => [option.value, this.patch(before.get(option.value) ?? this.tile(), option)]));
    for (const [value, tile] of before) if (!this.tiles.has(value)) tile.node.remove();
    const nodes = [...this.tiles.values()].map((tile) => tile.node);
    nodes.forEach((node, at) => this.map.children[at] !== node && this.map.insertBefore(node, this.map.children[at] ?? null));
    if (!nodes.includes(this.stop)) this.setStop(nodes[0]);
    this.drawValue();
  }

  tile() {
    const tile = { name: make("span", "name"), count: make("span", "count") };
    tile.node = make("button", "tile", { type: "button", tabIndex: -1 }, [tile.name, tile.count]);
    tile.node.onclick = () => this.toggle(tile.option);
    tile.node.onfocus = () => this.setStop(tile.node);
    return tile;
  }

  patch(tile, option) {
    const { value, label, row, column, count, disabled, why } = (tile.option = option);
    const counted = count === null ? "" : `${count.toLocaleString("en-US")} ${this.model.get("unit")}`.trim();
    const words = [label, counted, disabled ? why || "cannot be picked" : ""].filter(Boolean).join(": ");
    tile.node.style.gridArea = `${row} / ${column}`;
    tile.node.title = tile.node.ariaLabel = words;
    tile.node.ariaDisabled = String(disabled);
    tile.name.textContent = value;
    tile.count.textContent = count === null ? "" : count.toLocaleString("en-US");
    tile.node.classList.toggle("imga-none", count === 0);
    return tile;
  }

  drawValue() {
    const picked = this.model.get("value");
    for (const [value, { node }] of this.tiles) node.setAttribute("aria-pressed", picked.includes(value));
    this.map.toggleAttribute("data-some", picked.length > 0);
    const names = picked.map((value) => this.tiles.get(value)?.option.label ?? value);
    const [some, more] = [names.slice(0, NAMED).join(", "), names.length - NAMED];
    const states = `${names.length} ${names.length === 1 ? "state" : "states"}`;
    const text = names.length ? `${states}: ${some}${more > 0 ? ` and ${more} more` : ""}` : "All states: none is picked out, so none is left out.";
    if (this.said.textContent !== text) this.said.textContent = text;
    this.all.disabled = names.length === this.open.length;
    this.none.disabled = !names.length;
  }

  setStop(node) {
    if (this.stop) this.stop.tabIndex = -1;
    this.stop = node;
    if (node) node.tabIndex = 0;
  }

  // The nearest square in the direction of an arrow key: along its own row, or in a row above or below.
  next(from, down, right) {
    const off = ({ row, column }) => (right ? (row === from.row ? (column - from.column) * right : 0) : (row - from.row) * down);
    const far = ({ row, column }) => Math.abs(row - from.row) + 2 * Math.abs(column - from.column);
    const ahead = this.options.filter((option) => off(option) > 0);
    return ahead.sort((a, b) => far(a) - far(b))[0];
  }

  press(event) {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    const tile = [...this.tiles.values()].find(({ node }) => node === target.closest("button"));
    if (!tile || ctrlKey || metaKey || altKey) return;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
    const ends = { Home: this.options[0], End: this.options.at(-1) };
    const to = step ? this.next(tile.option, ...step) : ends[key];
    if (!step && !to) return;
    if (to) this.tiles.get(to.value).node.focus();
    event.preventDefault();
  }
}

function render({ model, el }) {
  const view = new View(model);
  // As in picker.js: Lab's shortcuts listen on the document and heed this mark, which must not stop Ctrl+S.
  const guard = ({ target, ctrlKey, metaKey, altKey }) => {
    if (view.root.contains(target)) target.toggleAttribute("data-lm-suppress-shortcuts", !(ctrlKey || metaKey || altKey));
  };
  const heard = { "change:options change:label change:unit": () => view.draw(), "change:value": () => view.drawValue() };
  window.addEventListener("keydown", guard, true);
  for (const [events, act] of Object.entries(heard)) model.on(events, act);
  view.draw();
  el.replaceChildren(view.root);
  return () => {
    window.removeEventListener("keydown", guard, true);
    for (const [events, act] of Object.entries(heard)) model.off(events, act);
  };
}

export default { render };
