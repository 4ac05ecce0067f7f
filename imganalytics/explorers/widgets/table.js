// A table whose figures can be asked about: one tab stop, arrow keys move, a click, Enter or Space asks, Escape ends.
const KEYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

const identity = (cell) => [...JSON.parse(cell.closest("tr").dataset.row), JSON.parse(cell.dataset.figure)];

// The next figure from `cell`: along its row, or the nearest above or below it in its column.
function next(cell, [down, right]) {
  if (right) {
    const row = [...cell.closest("tr").querySelectorAll("[data-figure]")];
    return row[row.indexOf(cell) + right];
  }
  for (let row = cell.closest("tr"); row; ) {
    row = down > 0 ? row.nextElementSibling : row.previousElementSibling;
    const found = row?.querySelector(`[data-figure='${CSS.escape(cell.dataset.figure)}']`);
    if (found) return found;
  }
}

function render({ model, el }) {
  const figures = () => [...el.querySelectorAll("[data-figure]")];
  const stop = (cell) => figures().forEach((each) => each.setAttribute("tabindex", each === cell ? "0" : "-1"));
  let asked = false;
  const tell = (figure) => {
    asked = true;
    model.set("clicked", figure);
    model.save_changes();
  };
  // What was asked about elsewhere is scrolled to in the table's own box only: the page stays where it is.
  const reveal = (cell) => {
    const [box, row] = [cell.closest(".imga-table"), cell.closest("tr")];
    const below = row.offsetTop + row.offsetHeight - box.scrollTop - box.clientHeight;
    if (row.offsetTop < box.scrollTop || below > 0) box.scrollTop = row.offsetTop - box.clientHeight / 2;
  };
  const mark = () => {
    const chosen = JSON.stringify(model.get("chosen"));
    for (const cell of figures()) {
      const own = chosen !== "null" && JSON.stringify(identity(cell)) === chosen;
      own ? cell.setAttribute("aria-selected", "true") : cell.removeAttribute("aria-selected");
      if (own) asked ? uncover(cell) : reveal(cell);
    }
    asked = false;
  };
  const show = () => {
    el.innerHTML = model.get("value");
    stop(figures()[0]);
    mark();
  };
  const click = ({ target }) => {
    const cell = target.closest("[data-figure]") ?? target.closest("tr[data-row]")?.querySelector("[data-figure]");
    if (!cell || String(getSelection())) return; // text that is marked is wanted as text
    stop(cell);
    cell.focus();
    tell(identity(cell));
  };
  const press = (event) => {
    const cell = event.target.closest("[data-figure]");
    if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") tell(identity(cell));
    else if (event.key === "Escape") tell([]);
    else if (KEYS[event.key]) {
      const found = next(cell, KEYS[event.key]);
      if (found) stop(found), found.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  show();
  model.on("change:value", show);
  model.on("change:chosen", mark);
  el.addEventListener("click", click);
  el.addEventListener("keydown", press);
  return () => {
    model.off("change:value", show);
    model.off("change:chosen", mark);
    el.removeEventListener("click", click);
    el.removeEventListener("keydown", press);
  };
}

export default { render };
