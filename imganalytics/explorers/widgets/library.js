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

