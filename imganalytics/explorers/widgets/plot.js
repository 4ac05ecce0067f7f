// Shows a plotly spec. A new one is sketched at once, and drawn by plotly when the hand rests.
const REST = 250; // milliseconds without a new spec

// Where the mark with this customdata lies, in pixels; nothing when it is not shown. Once plotly has drawn, its own axes
// tell: it may have made room for a legend.
function placeOf({ data, layout }, chosen, drawn) {
  const wanted = JSON.stringify(chosen);
  for (const trace of data) {
    const at = (trace.customdata ?? []).findIndex((figure) => JSON.stringify(figure) === wanted);
    if (at < 0) continue;
    const names = [trace.xaxis ?? "x", trace.yaxis ?? "y"];
    const [x, y] = [trace.x[at], trace.y[at]];
    if (!drawn) {
      const f = plotOf(layout, ...names);
      return [f.x(x), f.y(y)];
    }
    const [across, down] = names.map((name) => drawn[AXIS(name)]);
    return [across._offset + across.d2p(x), down._offset + down.d2p(y)];
  }
}

function render({ model, el }) {
  const box = document.createElement("div");
  box.className = "imga-plot"; // data-state tells what is on the screen: nothing yet, a sketch, or plotly's drawing of it
  box.dataset.state = "empty";
  const [plot, quick, ring] = [document.createElement("div"), document.createElement("div"), document.createElement("div")];
  box.append(plot, quick, ring);
  // a redraw in here must not lay the whole page out anew
  box.style.cssText = "position: relative; contain: layout paint style";
  quick.style.cssText = "position: absolute; inset: 0; contain: strict; pointer-events: none";
  ring.className = "imga-ring";
  ring.style.cssText = "position: absolute; width: 18px; height: 18px; margin: -11px; border: 2px solid #1f2933; " +
    "border-radius: 50%; pointer-events: none";
  el.replaceChildren(box);
  let resting = 0;
  let listening = false;
  let asked = false;

  const listen = (Plotly) => {
    if (listening) return;
    listening = true;
    const point = (cursor) => (plot.querySelector(".nsewdrag").style.cursor = cursor); // plotly's layer for the pointer
    plot.on("plotly_hover", ({ points }) => point(points[0].customdata ? "pointer" : ""));
    plot.on("plotly_unhover", () => point(""));
    plot.on("plotly_click", ({ points }) => {
      if (!points[0].customdata) return;
      asked = true;
      Plotly.Fx.unhover(plot); // the panel says more, and the page may move away below the pointer
      model.set("clicked", points[0].customdata);
      model.save_changes();
    });
  };
  const choose = () => {
    const spec = model.get("chosen") && model.get("spec") && JSON.parse(model.get("spec"));
    const place = spec && placeOf(spec, model.get("chosen"), box.dataset.state === "drawn" && plot._fullLayout);
    ring.hidden = !place;
    if (place) [ring.style.left, ring.style.top] = place.map((pixels) => `${pixels}px`);
    if (place && asked) uncover(ring);
    asked = false;
  };

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
    listen(Plotly);
    if (drawn !== model.get("spec")) return;
    quick.hidden = true;
    box.dataset.state = "drawn";
    choose();
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
    choose();
    clearTimeout(resting);
    resting = setTimeout(draw, REST);
  };
  describe();
  change();
  model.on("change:spec", change);
  model.on("change:description", describe);
  model.on("change:chosen", choose);
  return () => {
    clearTimeout(resting);
    model.off("change:spec", change);
    model.off("change:description", describe);
    model.off("change:chosen", choose);
    globalThis.imganalyticsPlotly?.[model.get("library")]?.then((Plotly) => Plotly.purge(plot));
  };
}

export default { render };
