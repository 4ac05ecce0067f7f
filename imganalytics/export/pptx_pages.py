"""How a chart's pixels stand on a slide: one scale across, one down for its body, and further slides when it is tall."""

from collections import defaultdict
from dataclasses import dataclass

from imganalytics.export.pptx_scene import TICKS, TITLE, Scene, Word, ticks_of

SMALLEST = 9.5     # points of a row's words, where the page is wide enough
APART = 1.2        # rows stand at least this many times their letters apart
LARGEST = 0.95     # points of letters to a pixel, at most: 12 pixels are then 11.4 points
STRETCH, UPRIGHT = 1.3, 1.9      # how much higher than on screen a body may be drawn, at most
LEGIBLE = 7.0      # points of words on narrow pages, as far as their neighbours allow
CROWDED = 1.1      # by how much words may be larger than their places: the charts leave that much between columns


@dataclass(frozen=True)
class Page:
    """A chart's part on one slide: which pixels of its body, and where they stand in points."""

    top: float        # pixels of the chart where this part of the body begins
    bottom: float
    left: float       # points of the slide
    body_at: float    # where the body begins
    across: float     # points to a pixel from left to right
    steady: float     # down head and foot
    down: float       # down the body
    words: float      # points of letters to a pixel, in head and foot
    body_words: float

    def x(self, pixel: float) -> float:
        """Points from the left."""
        return self.left + pixel * self.across

    def y(self, pixel: float, scene: Scene) -> float:
        """Points from the top, of a height in head, body or foot."""
        if pixel < scene.top:
            return self.body_at - (scene.top - pixel) * self.steady
        if pixel > scene.bottom:
            return self.body_at + (self.bottom - self.top) * self.down + (pixel - scene.bottom) * self.steady
        return self.body_at + (pixel - self.top) * self.down

    def foot_at(self, scene: Scene) -> float:
        """Points from the top where the chart ends."""
        return self.y(scene.foot, scene) if scene.foot > scene.bottom else self.y(self.bottom, scene)

    def holds(self, word: Word, scene: Scene) -> bool:
        """Whether a word is on this page: head and foot are on each."""
        return not scene.top <= word.y <= scene.bottom or self.top - 0.5 <= word.y < self.bottom + 0.5


def pages_of(scene: Scene, left: float, top: float, width: float, bottom: float) -> list[Page]:
    """The pages of a chart in a room of a slide (points); tall charts of rows take several, others are pressed."""
    across = width / scene.width
    words = min(max(across, LEGIBLE / 12), CROWDED * across, LARGEST)
    steady = min(across, LARGEST)
    head, foot = scene.top - scene.head, scene.foot - scene.bottom
    room = max(bottom - top - steady * (head + foot), 60)
    roomy, high = _roomy(scene), max(scene.bottom - scene.top, 1)
    least = APART * min(SMALLEST / 12, words) / roomy
    most = steady * (STRETCH if across > 0.7 else UPRIGHT)
    down = min(most, room / high)
    parts = [(scene.top, scene.bottom)]
    if down < least and all(plot.of_rows for plot in scene.plots):
        parts = _parts(scene, room / least)
        down = min(most, room / max(end - begin for begin, end in parts))
    body_words = max(0.4, min(words, down * roomy / APART))
    return [Page(begin, end, left, top + head * steady, across, steady, down, words, body_words) for begin, end in parts]


def _roomy(scene: Scene) -> float:
    """From row to row of words where they stand closest, in parts of their size."""
    columns = defaultdict(list)
    for word in scene.words:
        if scene.top <= word.y <= scene.bottom and not word.turned:
            columns[round(word.x), word.across].append((word.y, word.size))
    gaps = [(after - before) / max(size, other) for places in columns.values()
            for (before, size), (after, other) in zip(sorted(places), sorted(places)[1:]) if after - before > 6]
    return min(gaps, default=3.0)


def _parts(scene: Scene, most: float) -> list[tuple[float, float]]:
    """The body cut between rows into parts of at most `most` pixels, about equal."""
    cuts = _cuts(scene)
    high = scene.bottom - scene.top
    goal = high / -(-high // most)
    parts, begin = [], scene.top
    while scene.bottom - begin > most:
        possible = [cut for cut in cuts if begin + 0.3 * goal < cut <= begin + most]
        end = min(possible, key=lambda cut: abs(cut - begin - goal), default=begin + most)
        parts.append((begin, end))
        begin = end
    return [*parts, (begin, scene.bottom)]


def _cuts(scene: Scene) -> list[float]:
    """Heights between rows, at which nothing is cut apart that belongs together."""
    if len(scene.plots) > 1 and len({round(plot.box[1]) for plot in scene.plots}) > 1:
        return sorted({plot.box[3] + TICKS + TITLE * bool(plot.xaxis.get("title")) for plot in scene.plots})
    plot = scene.plots[0]
    ticks = sorted(plot.y(value) for value, _ in ticks_of(plot.yaxis))
    if len(ticks) > 2:
        words = [word.y for word in scene.words]
        middle = sum(any(abs(tick - y) < 2.5 for y in words) for tick in ticks) > len(ticks) / 2
        return [(one + other) / 2 for one, other in zip(ticks, ticks[1:])] if middle else ticks
    lines = [shape.box[1] for shape in scene.shapes if shape.kind == "line" and shape.box[1] == shape.box[3]
             and shape.box[2] - shape.box[0] > 0.6 * scene.width]
    heads = [shape.box[1] - 1 for shape in scene.shapes if shape.kind == "rect"
             and shape.box[2] - shape.box[0] > 0.6 * scene.width]
    return sorted(_not_between(lines, heads, scene) or _blanks(scene))


def _not_between(lines: list[float], heads: list[float], scene: Scene) -> list[float]:
    """Lines between rows, and the upper edges of headings: a heading stays with the row below it."""
    inside = [y for y in {*lines, *heads} if scene.top + 5 < y < scene.bottom - 5]
    below = [(head, head + 40) for head in heads]
    return [y for y in inside if not any(head < y < end for head, end in below)]


def _blanks(scene: Scene) -> list[float]:
    """Heights at which there are neither words nor marks."""
    taken = [(word.y - 0.45 * word.size, word.y + 0.45 * word.size) for word in scene.words]
    taken += [(plot.y(value) - 3, plot.y(value) + 3) for plot in scene.plots for trace in plot.traces
              for value in trace["y"] if value is not None]
    cuts, reached = [], scene.bottom
    for begin, end in sorted(taken):
        if begin > reached + 0.5:
            cuts.append((reached + begin) / 2)
        reached = max(reached, end) if cuts or reached != scene.bottom else end
    return cuts
