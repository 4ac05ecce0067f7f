// While a slider moves: the marks, lines and words of a spec, in one pass and without measuring anything.
// It knows what our charts use (scatter, linear axes, annotations on paper); at rest plotly draws the same spec.
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

const tickText = (value, format) => (format === ".0%" ? `${Math.round(value * 100)}%` : String(value));

function frame(layout) {
  const { l, r, t, b } = layout.margin;
  const [w, h] = [layout.width - l - r, layout.height - t - b];
  const scale = (axis, from, length) => {
    const [lo, hi] = axis.range;
    const [d0, d1] = axis.domain ?? [0, 1];
    return (value) => from + length * (d0 + ((value - lo) / (hi - lo)) * (d1 - d0));
  };
  const down = scale({ range: [...layout.yaxis.range].reverse() }, t, h);
  return { l, t, w, h, x: scale(layout.xaxis, l, w), y: down };
}

function grid(layout, f) {
  const { xaxis, yaxis } = layout;
  const ticks = [];
  for (let v = xaxis.tick0 ?? xaxis.range[0]; v <= xaxis.range[1] + 1e-9; v += xaxis.dtick) ticks.push(+v.toFixed(6));
  const [left, right] = [f.x(xaxis.range[0]), f.x(xaxis.range[1])];
  const lines = ticks.map((v) => `M${f.x(v)} ${f.t}V${f.t + f.h}`);
  if (yaxis.showgrid !== false) for (const v of yaxis.tickvals ?? []) lines.push(`M${left} ${f.y(v)}H${right}`);
  const axis = xaxis.zeroline === false ? "" : `<path d="M${left} ${f.t}V${f.t + f.h}" stroke="#52606d"/>`;
  const marks = `<g shape-rendering="crispEdges"><path d="${lines.join("")}" stroke="#e4e7eb"/>${axis}</g>`;
  const words = ticks.map((v) => word(tickText(v, xaxis.tickformat), f.x(v), f.t + f.h + 3, { size: 12, x: "center", y: "top" }));
  if (xaxis.title) words.push(word(xaxis.title.text, (left + right) / 2, f.t + f.h + 22, { size: 11, x: "center", y: "top" }));
  if (yaxis.showticklabels !== false && yaxis.ticktext)
    yaxis.tickvals.forEach((v, i) => words.push(word(yaxis.ticktext[i], left - 7, f.y(v), { size: 12, x: "right", y: "middle" })));
  return [marks, words];
}

function trace(t, f) {
  const marks = [];
  const words = [];
  t.x.forEach((value, i) => {
    const [x, y] = [f.x(value), f.y(t.y[i])];
    if (t.mode === "text") return words.push(word(t.text[i], x, y, { size: 12, x: "center", y: "middle" }));
    const { array, arrayminus, thickness, color } = t.error_x ?? {};
    if (array) marks.push(`<path d="M${f.x(value - arrayminus[i])} ${y}H${f.x(value + array[i])}" stroke="${color}" stroke-width="${thickness}"/>`);
    const symbol = Array.isArray(t.marker.symbol) ? t.marker.symbol[i] : t.marker.symbol;
    const open = symbol.endsWith("-open");
    marks.push(`<path d="${markPath(symbol.replace("-open", ""), x, y, t.marker.size / 2)}" fill="${open ? "none" : t.marker.color}" stroke="${t.marker.color}" stroke-width="${t.marker.line?.width ?? 0}"/>`);
  });
  return [marks.join(""), words];
}

const SHIFT = { left: "0", center: "-50%", right: "-100%", top: "0", middle: "-50%", bottom: "-100%" };

function word(html, x, y, { size, x: across, y: along, colour = "", align = across }) {
  return `<div style="position:absolute;left:${x}px;top:${y}px;transform:translate(${SHIFT[across]},${SHIFT[along]});` +
    `font-size:${size}px;text-align:${align};${colour && `color:${colour}`}">${html}</div>`;
}

function note(a, f) {
  const inset = { left: 2, center: 0, right: -2, top: 2, middle: 0, bottom: -1 }; // plotly's border around a text
  const x = f.l + a.x * f.w + (a.xshift ?? 0) + inset[a.xanchor];
  const y = f.t + (1 - a.y) * f.h - (a.yshift ?? 0) + inset[a.yanchor];
  return word(a.text, x, y, { size: a.font.size, x: a.xanchor, y: a.yanchor, colour: a.font.color, align: a.align });
}

function sketch({ data, layout }) {
  const f = frame(layout);
  const [lines, words] = grid(layout, f);
  const traces = data.map((t) => trace(t, f));
  const font = layout.template.layout.font;
  const title = word(layout.title.text, 12, -2, { size: 17, x: "left", y: "top" });
  return `<div style="position:absolute;inset:0;background:white;font-family:${font.family.replaceAll('"', "'")};` +
    `color:${font.color};line-height:1.3;white-space:pre"><svg width="${layout.width}" height="${layout.height}" ` +
    `style="position:absolute;inset:0" fill="none">${lines}${traces.map(([marks]) => marks).join("")}</svg>` +
    `${title}${words.join("")}${traces.flatMap(([, texts]) => texts).join("")}` +
    `${(layout.annotations ?? []).map((a) => note(a, f)).join("")}</div>`;
}
