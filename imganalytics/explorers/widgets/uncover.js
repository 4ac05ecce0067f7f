// Scrolls the page so far that a mark is not covered by the open panel (panel.js) of the same output.
function uncover(mark) {
  requestAnimationFrame(() => {
    const panel = (mark.closest(".jp-OutputArea-output") ?? document).querySelector(".imga-panel:not([hidden])");
    if (!panel) return;
    const [own, other] = [mark.getBoundingClientRect(), panel.getBoundingClientRect()];
    const covered = own.bottom + 16 - other.top;
    const scroller = mark.closest(".jp-WindowedPanel-outer") ?? document.scrollingElement;
    if (covered > 0 && own.top < other.bottom) scroller.scrollBy({ top: covered, behavior: "smooth" });
  });
}
