// A panel that comes up with words about something, and goes at its button or Escape. While it is open it stays at the
// lower edge of the window, so that a click at the top of a long chart is answered where it can be seen.

// JupyterLab's boxes around an output clip it, and nothing sticks to the window from inside a box that clips.
function* clippingBoxes(el) {
  const cell = el.closest(".jp-Cell-outputWrapper");
  for (let box = el.parentElement; cell && box !== cell; box = box.parentElement) yield box;
}

function render({ model, el }) {
  const box = document.createElement("section");
  box.className = "imga-panel";
  box.innerHTML = '<header><h3></h3><button type="button" aria-label="Close" title="Close (Esc)">\u2715</button></header>' +
    '<div class="imga-body" role="status" aria-live="polite"></div>';
  box.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take Escape and the arrow keys
  const [heading, button, body] = ["h3", "button", ".imga-body"].map((name) => box.querySelector(name));
  const show = () => {
    const came = box.hidden && model.get("html");
    heading.textContent = model.get("title");
    box.setAttribute("aria-label", model.get("title"));
    body.innerHTML = model.get("html");
    body.scrollTop = 0;
    box.hidden = !model.get("html");
    for (const around of clippingBoxes(el)) around.classList.toggle("imga-unclipped", !box.hidden);
    if (came) box.scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    model.set("html", "");
    model.save_changes();
  };
  button.addEventListener("click", close);
  box.addEventListener("keydown", (event) => event.key === "Escape" && close());
  box.hidden = true;
  el.classList.add("imga-sticky");
  el.replaceChildren(box);
  show();
  model.on("change:html", show);
  model.on("change:title", show);
  return () => {
    model.off("change:html", show);
    model.off("change:title", show);
  };
}

export default { render };
