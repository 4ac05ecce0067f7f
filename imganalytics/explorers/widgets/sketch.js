// While a slider moves: the marks, lines and words of a spec, in one pass and without measuring anything.
// It knows what our charts use: scatter traces (marks, lines, texts, error bars), linear and log axes, several plots
// side by side, straight shapes, annotations. At rest plotly draws the same spec.
const SIDES = { square: 4, diamond: 4, pentagon: 5, hexagon: 6, "triangle-up": 3, "triangle-down": 3 };
const TURN = { square: 45, diamond: 0, pentagon: 0, hexagon: 30, "triangle-up": 0, "triangle-down": 180 };

function markPath(symbol, x, y, r) {
  const at = (angle, radius) => {
    const a = ((angle - 90) * Math.PI) / 180;
    return `${(x + radius * Math.cos(a)).toFixed(1)} ${(y + radius * Math.sin(a)).toFixed(1)}`;
  };
  if (SIDES[symbol]) {
    const wide = symbol === "square" ? r * 1.41 : symbol === "diamond" ? r * 1.3 : r * 1.15;
    const corners = Array.from({ length: SIDES[symbol] }, (_, i) => at(TURN[symbol] + (360 / SIDES[symbol]) * i, wide));
    return `M${corners.join("L")}Z`;
  }
  if (symbol === "star") return `M${Array.from({ length: 10 }, (_, i) => at(36 * i, i % 2 ? r * 0.55 : r * 1.4)).join("L")}Z`;
  if (symbol === "cross" || symbol === "x") {
    const tilt = symbol === "x" ? 45 : 0;
    const arms = [0, 90, 180, 270].flatMap((a) => [at(a + tilt - 22, r * 1.1), at(a + tilt + 22, r * 1.1), at(a + tilt + 45, r * 0.57)]);
    return `M${arms.join("L")}Z`;
  }
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
}

const tickText = (value, format) => (/%$/.test(format ?? "") ? `${+(value * 100).toFixed(+format[1] || 0)}%` : String(value));
const AXIS = (name) => `${name[0]}axis${name.slice(1)}`; // "x2" is layout.xaxis2

// The place of a plot on the page, and where its axes put a value.
function plotOf(layout, xname = "x", yname = "y") {
  const { l, r, t, b } = layout.margin;
  const [w, h] = [layout.width - l - r, layout.height - t - b];
  const [xaxis, yaxis] = [layout[AXIS(xname)], layout[AXIS(yname)]];
  const [x0, x1] = xaxis.domain ?? [0, 1];
  const [y0, y1] = yaxis.domain ?? [0, 1];
  const scale = (axis, from, length) => {
    const [lo, hi] = axis.range; // of a log axis: powers of ten, as plotly has it
    return (value) => from + length * (((axis.type === "log" ? Math.log10(value) : value) - lo) / (hi - lo));
  };
  const box = { left: l + w * x0, right: l + w * x1, top: t + h * (1 - y1), bottom: t + h * (1 - y0) };
  return { ...box, xaxis, yaxis, x: scale(xaxis, box.left, box.right - box.left),
    y: scale(yaxis, box.bottom, box.top - box.bottom) };
}

function ticksOf(axis) {
  if (axis.tickvals) return axis.tickvals.map((v, i) => [v, axis.ticktext ? axis.ticktext[i] : tickText(v, axis.tickformat)]);
  const [lo, hi] = [Math.min(...axis.range), Math.max(...axis.range)];
  const ticks = [];
  let v = axis.tick0 ?? 0;
  while (v < lo - 1e-9) v += axis.dtick;
  for (; v <= hi + 1e-9; v += axis.dtick) ticks.push([+v.toFixed(6), tickText(+v.toFixed(6), axis.tickformat)]);
  return ticks;
}

function grid(f) {
  const { xaxis, yaxis } = f;
  const [across, up] = [xaxis.visible === false ? [] : ticksOf(xaxis), yaxis.visible === false ? [] : ticksOf(yaxis)];
  const lines = xaxis.showgrid === false ? [] : across.map(([v]) => `M${f.x(v)} ${f.top}V${f.bottom}`);
  if (yaxis.showgrid !== false) for (const [v] of up) lines.push(`M${f.left} ${f.y(v)}H${f.right}`);
  const axis = xaxis.visible === false || xaxis.zeroline === false ? "" : `<path d="M${f.left} ${f.top}V${f.bottom}" stroke="#52606d"/>`;
  const marks = `<g shape-rendering="crispEdges"><path d="${lines.join("")}" stroke="#e4e7eb"/>${axis}</g>`;
  const words = [];
  if (xaxis.showticklabels !== false)
    for (const [v, text] of across) words.push(word(text, f.x(v), f.bottom + 3, { size: 12, x: "center", y: "top" }));
  if (xaxis.title) words.push(word(xaxis.title.text, (f.left + f.right) / 2, f.bottom + 22, { size: 11, x: "center", y: "top" }));
  if (yaxis.title) words.push(word(yaxis.title.text, 12, (f.top + f.bottom) / 2, { size: 11, x: "left", y: "middle", turn: true }));
  if (yaxis.showticklabels !== false)
    for (const [v, text] of up) words.push(word(text, f.left - 7, f.y(v), { size: 12, x: "right", y: "middle" }));
  return [marks, words];
}

const DASH = { dash: "6 4", dot: "2 3", dashdot: "6 3 2 3", longdash: "10 4", longdashdot: "10 3 2 3" };
const one = (value, i) => (Array.isArray(value) ? value[i] : value);
const PLACES = { right: [8, 0, "left", "middle"], left: [-8, 0, "right", "middle"], center: [0, 0, "center", "middle"] };
const place = (position = "middle center") => {
  const [up, across] = position.split(" ");
  const [dx, , x, y] = PLACES[across];
  return up === "top" ? [across === "center" ? 0 : dx / 2, -6, x, "bottom"] : up === "bottom" ? [across === "center" ? 0 : dx / 2, 6, x, "top"] : [dx, 0, x, y];
};

function bars(t, i, x, y, f) {
  const path = [];
  const [ex, ey] = [t.error_x, t.error_y];
  if (ex?.array) path.push(`<path d="M${f.x(t.x[i] - ex.arrayminus[i])} ${y}H${f.x(t.x[i] + ex.array[i])}" stroke="${ex.color}" stroke-width="${ex.thickness}"/>`);
  if (ey?.array) path.push(`<path d="M${x} ${f.y(t.y[i] - ey.arrayminus[i])}V${f.y(t.y[i] + ey.array[i])}" stroke="${ey.color}" stroke-width="${ey.thickness}"/>`);
  return path.join("");
}

function lineOf(t, f) {
  const parts = t.x.map((value, i) => (value === null || t.y[i] === null ? " " : `${f.x(value).toFixed(1)} ${f.y(t.y[i]).toFixed(1)}`));
  const d = parts.reduce((path, part, i) => (part === " " ? path : path + (i === 0 || parts[i - 1] === " " ? "M" : "L") + part), "");
  return d && `<path d="${d}" stroke="${t.line.color}" stroke-width="${t.line.width ?? 2}" stroke-dasharray="${DASH[t.line.dash] ?? ""}"/>`;
}

function trace(t, f) {
  const [marks, words] = [[], []];
  const mode = t.mode ?? "markers";
  if (mode.includes("lines")) marks.push(lineOf(t, f));
  t.x.forEach((value, i) => {
    if (value === null || t.y[i] === null) return;
    const [x, y] = [f.x(value), f.y(t.y[i])];
    if (mode.includes("markers")) {
      const symbol = one(t.marker.symbol, i) ?? "circle";
      const [open, colour] = [symbol.endsWith("-open"), one(t.marker.color, i)];
      const edge = one(t.marker.line?.color, i) ?? colour;
      marks.push(bars(t, i, x, y, f));
      marks.push(`<path d="${markPath(symbol.replace("-open", ""), x, y, one(t.marker.size, i) / 2)}" fill="${open ? "none" : colour}" stroke="${open ? colour : edge}" stroke-width="${one(t.marker.line?.width, i) ?? (open ? 1 : 0)}" opacity="${one(t.marker.opacity, i) ?? 1}"/>`);
    }
    if (mode.includes("text") && one(t.text, i)) {
      const [dx, dy, across, along] = place(one(t.textposition, i));
      words.push(word(one(t.text, i), x + dx, y + dy, { size: one(t.textfont?.size, i) ?? 12, x: across, y: along, colour: one(t.textfont?.color, i) }));
    }
  });
  return [marks.join(""), words];
}

function shapeOf(s, layout) {
  const f = plotOf(layout, s.xref && s.xref !== "paper" ? s.xref : "x", s.yref && s.yref !== "paper" ? s.yref : "y");
  const all = plotOf({ ...layout, xaxis: { range: [0, 1] }, yaxis: { range: [0, 1] } });
  const x = (v) => (s.xref === "paper" ? all : f).x(v);
  const y = (v) => (s.yref === "paper" ? all : f).y(v);
  const stroke = `stroke="${s.line?.width === 0 ? "none" : (s.line?.color ?? "#444")}" stroke-width="${s.line?.width ?? 1}" stroke-dasharray="${DASH[s.line?.dash] ?? ""}"`;
  if (s.type === "line") return `<path d="M${x(s.x0)} ${y(s.y0)}L${x(s.x1)} ${y(s.y1)}" ${stroke}/>`;
  return `<path d="M${x(s.x0)} ${y(s.y0)}H${x(s.x1)}V${y(s.y1)}H${x(s.x0)}Z" fill="${s.fillcolor ?? "none"}" opacity="${s.opacity ?? 1}" ${stroke}/>`;
}

const SHIFT = { left: "0", center: "-50%", right: "-100%", top: "0", middle: "-50%", bottom: "-100%" };

function word(html, x, y, { size, x: across, y: along, colour = "", align = across, turn = false }) {
  const turned = turn ? " rotate(-90deg)" : "";
  return `<div style="position:absolute;left:${x}px;top:${y}px;transform:translate(${SHIFT[across]},${SHIFT[along]})${turned};` +
    `font-size:${size}px;text-align:${align};${colour && `color:${colour}`}">${html}</div>`;
}

function note(a, layout) {
  const inset = { left: 2, center: 0, right: -2, top: 2, middle: 0, bottom: -1 }; // plotly's border around a text
  const f = plotOf(layout, a.xref && a.xref !== "paper" ? a.xref : "x", a.yref && a.yref !== "paper" ? a.yref : "y");
  const { l, r, t, b } = layout.margin;
  const px = a.xref === "paper" ? l + a.x * (layout.width - l - r) : f.x(f.xaxis.type === "log" ? 10 ** a.x : a.x);
  const py = a.yref === "paper" ? t + (1 - a.y) * (layout.height - t - b) : f.y(a.y);
  const [across, along] = [a.xanchor ?? "center", a.yanchor ?? "middle"];
  return word(a.text, px + (a.xshift ?? 0) + inset[across], py - (a.yshift ?? 0) + inset[along],
    { size: a.font?.size ?? 12, x: across, y: along, colour: a.font?.color, align: a.align });
}

function sketch({ data, layout }) {
  const plots = new Map();
  const plot = (t) => {
    const [x, y] = [t.xaxis ?? "x", t.yaxis ?? "y"];
    if (!plots.has(x + y)) plots.set(x + y, plotOf(layout, x, y));
    return plots.get(x + y);
  };
  const traces = data.map((t) => trace(t, plot(t)));
  if (!plots.size) plot({});
  const grids = [...plots.values()].map(grid);
  const shapes = (layout.shapes ?? []).map((s) => [s.layer === "below", shapeOf(s, layout)]);
  const font = layout.template.layout.font;
  const title = word(layout.title.text, 12, -2, { size: 17, x: "left", y: "top" });
  const svg = [...shapes.filter(([below]) => below).map(([, path]) => path), ...grids.map(([lines]) => lines),
    ...traces.map(([marks]) => marks), ...shapes.filter(([below]) => !below).map(([, path]) => path)].join("");
  return `<div style="position:absolute;inset:0;background:white;font-family:${font.family.replaceAll('"', "'")};` +
    `color:${font.color};line-height:1.3;white-space:pre"><svg width="${layout.width}" height="${layout.height}" ` +
    `style="position:absolute;inset:0" fill="none">${svg}</svg>` +
    `${title}${grids.flatMap(([, words]) => words).join("")}${traces.flatMap(([, words]) => words).join("")}` +
    `${(layout.annotations ?? []).map((a) => note(a, layout)).join("")}</div>`;
}
