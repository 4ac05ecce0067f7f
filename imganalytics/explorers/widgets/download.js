// A button whose file is made in Python when it is pressed, and saved by the browser: no server, no network.
function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "jupyter-widgets jupyter-button widget-button";
  button.style.width = "auto";
  const label = () => {
    button.textContent = model.get("label");
    button.title = model.get("hint");
    button.disabled = model.get("disabled");
  };
  button.addEventListener("click", () => model.send({ wanted: true }));
  const arrived = (message, buffers) => save(message.name, message.type, buffers[0]);
  model.on("change", label);
  model.on("msg:custom", arrived);
  label();
  el.replaceChildren(button);
  return () => {
    model.off("change", label);
    model.off("msg:custom", arrived);
  };
}

export default { render };
