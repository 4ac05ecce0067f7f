"use strict";
// The handout's own hand: what a reader chooses decides which of the stored states is shown. Nothing is computed here.
(async () => {
  const part = (name) => document.getElementById(`handout-${name}`);
  const CONFIG = { displayModeBar: false, scrollZoom: false, doubleClick: false, showTips: false };
  const PAPER = { wide: 700, high: 940, left: 740 }; // pixels of a printed page between its margins, and below the words

  const unpacked = async (name) => {
    const bytes = Uint8Array.from(atob(part(name).textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  };
  const made = (tag, text, flush, scope) => {
    const element = document.createElement(tag);
    element.textContent = text || "\u2013";
    if (flush) element.className = "n";
    if (scope) element.scope = scope;
    return element;
  };
  const row = (cells) => {
    const line = document.createElement("tr");
    line.append(...cells);
    return line;
  };

  function showTable({ columns, rows, numeric }) {
    const flush = columns.map((name) => numeric.includes(name));
    const [head, body] = part("table").children;
    head.replaceChildren(row(columns.map((name, i) => made("th", name, flush[i], "col"))));
    body.replaceChildren(...rows.map((cells) => row(cells.map((cell, i) =>
      i ? made("td", cell, flush[i]) : made("th", cell, flush[i], "row")))));
  }

  function showList(name, lines) {
    part(`${name}-part`).hidden = !lines.length;
    part(name).replaceChildren(...lines.map((line) => made("li", line)));
  }

  function showWords(state) {
    const why = part("why");
    why.hidden = !state.why;
    if (why.textContent !== (state.why ?? "")) why.textContent = state.why ?? "";
    part("shown").hidden = part("subtitle").hidden = part("summary").hidden = Boolean(state.why);
    part("title").textContent = state.title ?? "Nothing to show for this choice";
    if (state.why) return;
    document.title = state.title;
    part("subtitle").textContent = state.subtitle;
    part("summary").textContent = state.summary;
    showList("caveats", state.caveats);
    showList("sources", state.sources);
  }

  const all = JSON.parse(await unpacked("states").catch(() => "null"));
  if (!all) return; // the page says so itself, and has the table
  const controls = all.sizes.map((_, i) => part(`choice-${i}`));
  const place = () => all.sizes.reduce((at, size, i) => at * size + Number(controls[i].value), 0);
  let [Plotly, shown, waiting] = [null, -1, false];

  const sayIfWide = () => (part("wide").hidden = part("box").scrollWidth <= part("box").clientWidth + 20);

  async function showChart(state) {
    const chart = part("chart");
    const spec = all.charts[state.chart];
    chart.setAttribute("aria-label", state.summary || state.title);
    const { width, height } = spec.layout;
    chart.style.setProperty("--wide", `${width}px`);
    const fit = Math.min(1, PAPER.wide / width);
    const tall = fit * height > PAPER.left / 0.75; // on paper: a page of its own, after the words
    part("shown").classList.toggle("tall", tall);
    chart.style.setProperty("--fit", Math.min(fit, (tall ? PAPER.high : PAPER.left) / height).toFixed(3));
    const fresh = structuredClone(spec); // plotly writes into what it is given
    await Plotly.react(chart, fresh.data, { ...fresh.layout, template: all.template }, CONFIG);
    sayIfWide();
    chart.dataset.state = String(shown);
  }

  function show() {
    waiting = false;
    const state = all.states[place()];
    if (shown !== place()) {
      shown = place();
      showWords(state);
      if (!state.why) showTable(all.tables[state.table]);
    }
    if (Plotly && !state.why) showChart(state);
  }

  for (const control of controls) {
    control.addEventListener("input", () => {
      if (control.type === "range") {
        const said = JSON.parse(control.dataset.told)[control.value];
        part(`${control.id.slice("handout-".length)}-said`).textContent = said;
        control.setAttribute("aria-valuetext", said);
      }
      if (!waiting) requestAnimationFrame(show);
      waiting = true;
    });
  }
  if (controls.length) part("controls").hidden = false;
  if (!all.charts.length) return;

  const missing = part("nochart");
  const words = missing.textContent;
  missing.textContent = "The chart is being drawn.";
  try {
    const script = document.createElement("script");
    script.textContent = await unpacked("library");
    document.head.append(script);
    Plotly = globalThis.Plotly ?? globalThis.moduleName;
    show();
    missing.hidden = true;
    addEventListener("resize", sayIfWide);
  } catch {
    missing.textContent = words;
  }
})();
