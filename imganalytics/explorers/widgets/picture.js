// A button that makes a picture: the spec comes from Python, the browser draws it off screen, Python finishes the file.
function bytesOf(drawn) {
  if (drawn.startsWith("<svg")) return new TextEncoder().encode(drawn);
  return Uint8Array.from(atob(drawn), (letter) => letter.charCodeAt(0));
}

function render({ model, el }) {
  const [button, say] = [document.createElement("button"), document.createElement("span")];
  button.type = "button";
  button.className = "jupyter-widgets jupyter-button widget-button";
  button.style.width = "auto";
  say.className = "imga-picture-say";
  say.style.margin = "0 16px 0 8px";
  say.setAttribute("role", "status");
  const show = () => {
    button.textContent = model.get("label");
    button.title = model.get("hint");
    button.disabled = model.get("disabled") || model.get("busy");
    say.textContent = model.get("say");
  };
  button.addEventListener("click", () => {
    button.disabled = true;
    say.textContent = "Drawing\u2026";
    model.send({ wanted: "picture" });
  });
  model.on("change", show);
  show();
  el.style.cssText = "display: flex; align-items: center; flex-wrap: wrap";
  el.replaceChildren(button, say);
  return () => model.off("change", show);
}

// Once for the model, whether its button is shown or not, and not again for a second view of it.
function initialize({ model }) {
  const draw = async ({ draw: number, spec, format, scale }) => {
    try {
      const Plotly = await library(model);
      const { data, layout } = JSON.parse(spec);
      const { width, height } = layout;
      const drawn = await Plotly.toImage({ data, layout }, { format, width, height, scale, imageDataOnly: true });
      model.send({ drawn: number }, undefined, [bytesOf(drawn).buffer]);
    } catch (problem) {
      model.send({ drawn: number, problem: String(problem?.message ?? problem).slice(0, 300) });
    }
  };
  const arrived = (message, buffers) => {
    if (message.draw) draw(message);
    if (message.save) save(message.save, message.type, buffers[0]);
  };
  model.on("msg:custom", arrived);
  return () => model.off("msg:custom", arrived);
}

export default { initialize, render };
