// Shows a plotly spec. A new one is sketched at once, and drawn by plotly when the hand rests.
const REST = 250; // milliseconds without a new spec

// The library comes from Python, once for the page.
async function library(model) {
  const version = model.get("library");
  const known = (globalThis.imganalyticsPlotly ??= {});
  known[version] ??= new Promise((resolve) => {
    const arrived = (message, buffers) => {
      if (message.library !== version) return;
      model.off("msg:custom", arrived);
      resolve(load(buffers[0]));
    };
    model.on("msg:custom", arrived);
    model.send({ wanted: "library" });
  });
  return known[version];
}

async function load(code) {
  // plotly.min.js asks for define() and module: it gets a module of its own, whatever the page has
  const parts = ["const module = { exports: {} }; (function (define, exports) {", code,
    "\n}).call(globalThis, undefined, module.exports); export default module.exports;"];
  const url = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
  try {
    return (await import(/* webpackIgnore: true */ url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function render({ model, el }) {
  const box = document.createElement("div");
  box.className = "imga-plot"; // data-state tells what is on the screen: a sketch, or plotly's drawing of it
  const [plot, quick] = [document.createElement("div"), document.createElement("div")];
  box.append(plot, quick);
  // a redraw in here must not lay the whole page out anew
  box.style.cssText = "position: relative; contain: layout paint style";
  quick.style.cssText = "position: absolute; inset: 0; contain: strict; pointer-events: none";
  el.replaceChildren(box);
  let resting = 0;

  const describe = () => {
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", model.get("description"));
  };
  const draw = async () => {
    const drawn = model.get("spec");
    const { data, layout } = JSON.parse(drawn);
    const Plotly = await library(model);
    plot.style.contentVisibility = "visible";
    await Plotly.react(plot, data, layout, model.get("config"));
    if (drawn !== model.get("spec")) return;
    quick.hidden = true;
    box.dataset.state = "drawn";
  };
  const change = () => {
    if (!model.get("spec")) return;
    const spec = JSON.parse(model.get("spec"));
    box.style.width = `${spec.layout.width}px`;
    box.style.height = `${spec.layout.height}px`;
    quick.innerHTML = sketch(spec);
    quick.hidden = false;
    plot.style.contentVisibility = "hidden"; // nothing to paint below the sketch
    box.dataset.state = "sketched";
    clearTimeout(resting);
    resting = setTimeout(draw, REST);
  };
  describe();
  change();
  model.on("change:spec", change);
  model.on("change:description", describe);
  return () => {
    clearTimeout(resting);
    model.off("change:spec", change);
    model.off("change:description", describe);
    globalThis.imganalyticsPlotly?.[model.get("library")]?.then((Plotly) => Plotly.purge(plot));
  };
}

export default { render };
