"""How does a plan look, on the map and along the clock? As a picture (PNG) or as one page (HTML)."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from matching.routing.plan import Act
from matching.routing.scene import Bar, Doing, Dot, Scene, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, PALE, PAPER = "#1b2430", "#d5dae1", "#ffffff"
HEIGHT = {
    Doing.DRIVING: 0.22,
    Doing.WAITING: 0.22,
    Doing.SERVICE: 0.72,
    Doing.BREAK: 0.5,
    Doing.CLEANING: 0.72,
}
FILL = {Doing.WAITING: "#c3cad4", Doing.BREAK: "#5c6773", Doing.CLEANING: "#38a3d1"}
CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Heiti SC",
    "Microsoft YaHei",
    "SimHei",
    "Droid Sans Fallback",
)
WIDE, MAP_HIGH, LEFT, ROW = 1000, 640, 150, 22


def draw(scene: Scene, file: Path) -> None:
    """Write the scene to a file ending in .png or .html. Raises ValueError for any other ending."""
    if file.suffix == ".html":
        file.write_text(page(scene), encoding="utf-8")
    elif file.suffix == ".png":
        _picture(scene, file)
    else:
        raise ValueError(f"{file.name}: a plot ends in .png or .html")


def page(scene: Scene) -> str:
    """Make one self-contained page: the map and the Gantt chart as inline SVG."""
    legend = " ".join(f'<span><i style="background:{c}"></i>{escape(d)}</span>' for d, c in _legend())
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(scene.title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(scene.title)}</h1><p>{escape(scene.facts)}</p>\n"
        f"{_map(scene)}\n<p class=legend>{_KINDS} {legend}</p>\n{_gantt(scene)}\n</body></html>\n"
    )


_STYLE = (
    f"body{{margin:1.5rem auto;max-width:1100px;padding:0 1rem;background:{PAPER};color:{INK};"
    "font:15px/1.4 system-ui,sans-serif}h1{font-size:1.4rem;margin:0}p{margin:.3rem 0 1rem}"
    f"svg{{width:100%;height:auto;background:{PAPER};border:1px solid {PALE};border-radius:6px}}"
    f"text{{fill:{INK};font:12px system-ui,sans-serif}}.legend span{{margin-right:1.2rem}}"
    ".legend i{display:inline-block;width:.9em;height:.9em;margin-right:.4em;border-radius:2px}"
)


_KINDS = (
    "<span>● pick-up</span> <span>○ delivery</span> <span>thin: driving</span> <span>thick: service</span>"
)


def _legend() -> list[tuple[str, str]]:
    return [("depot", INK), *((doing.value, FILL[doing]) for doing in FILL)]


def _map(scene: Scene) -> str:
    """Draw the tours, the same scale in both directions."""
    spots = [point for line in scene.lines for point in line.points] or [(0.0, 0.0)]
    left, low = min(x for x, _ in spots), min(y for _, y in spots)
    across = max(max(x for x, _ in spots) - left, 1e-9)
    upward = max(max(y for _, y in spots) - low, 1e-9)
    scale = min((WIDE - 60) / across, (MAP_HIGH - 60) / upward)

    def at(x: float, y: float) -> tuple[float, float]:
        return (WIDE - across * scale) / 2 + (x - left) * scale, 30 + upward * scale - (y - low) * scale

    high = upward * scale + 60
    parts = [f'<svg viewBox="0 0 {WIDE} {high:.0f}" role="img" aria-label="map of the tours">']
    for line in scene.lines:
        points = " ".join("{:.1f},{:.1f}".format(*at(x, y)) for x, y in line.points)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{line.colour}" stroke-width="1.4" '
            f'stroke-opacity=".75"><title>{escape(line.name)}</title></polyline>'
        )
    parts += [_dot(dot, *at(dot.x, dot.y)) for dot in scene.dots]
    for x, y in scene.homes:
        a, b = at(x, y)
        parts.append(f'<rect x="{a - 6:.1f}" y="{b - 6:.1f}" width="12" height="12" fill="{INK}"/>')
    return "".join([*parts, "</svg>"])


def _dot(dot: Dot, x: float, y: float) -> str:
    """Draw a pick-up full, a delivery hollow and a cleaning as a diamond."""
    title = f"<title>{escape(dot.text)}</title>"
    if dot.act is Act.CLEANING:
        corners = f"{x:.1f},{y - 6:.1f} {x + 6:.1f},{y:.1f} {x:.1f},{y + 6:.1f} {x - 6:.1f},{y:.1f}"
        return f'<polygon points="{corners}" fill="{FILL[Doing.CLEANING]}">{title}</polygon>'
    fill = dot.colour if dot.act is Act.PICKUP else PAPER
    head = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4"'
    return f'{head} fill="{fill}" stroke="{dot.colour}" stroke-width="1.6">{title}</circle>'


def _gantt(scene: Scene) -> str:
    """Draw a row a tour along one clock."""
    first, last = _span(scene)
    scale = (WIDE - LEFT - 20) / max(last - first, 1e-9)
    high = 34 + ROW * max(1, len(scene.rows))
    parts = [f'<svg viewBox="0 0 {WIDE} {high}" role="img" aria-label="tours along the clock">']
    for tick in ticks(first, last):
        x = LEFT + (tick - first) * scale
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="24" y2="{high}" stroke="{PALE}"/>')
        parts.append(f'<text x="{x:.1f}" y="16" text-anchor="middle">{escape(scene.clock(tick))}</text>')
    for n, name in enumerate(scene.rows):
        y = 30 + ROW * n + ROW / 2
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(name)}</text>')
    parts += [_bar(scene, bar, first, scale) for bar in scene.bars]
    return "".join([*parts, "</svg>"])


def _bar(scene: Scene, bar: Bar, first: float, scale: float) -> str:
    high = ROW * HEIGHT[bar.doing]
    x, y = LEFT + (bar.start - first) * scale, 30 + ROW * (bar.row + 0.5) - high / 2
    wide = max((bar.end - bar.start) * scale, 0.6)
    title = f"{scene.clock(bar.start)}–{scene.clock(bar.end)} {bar.text}"
    fill = FILL.get(bar.doing, bar.colour)
    head = f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{fill}">'
    return f"{head}<title>{escape(title)}</title></rect>"


def _span(scene: Scene) -> tuple[float, float]:
    return min((b.start for b in scene.bars), default=0.0), max((b.end for b in scene.bars), default=1.0)


def _picture(scene: Scene, file: Path) -> None:
    """Draw map and Gantt chart one above the other, with a Chinese font where the machine has one."""
    from matplotlib import font_manager, rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    known = set(font_manager.get_font_names())
    with rc_context({"font.family": [*(name for name in CHINESE if name in known), "DejaVu Sans"]}):
        figure = _figure(scene)
        FigureCanvasAgg(figure)
        figure.savefig(file, dpi=110)


def _figure(scene: Scene) -> Figure:
    """Lay the map above the Gantt chart."""
    from matplotlib.figure import Figure

    rows = max(3.0, 0.24 * len(scene.rows) + 0.6)
    figure = Figure(figsize=(11, 8 + rows), layout="constrained", facecolor=PAPER)
    above, below = figure.subplots(2, 1, height_ratios=[8, rows])
    figure.suptitle(f"{scene.title}\n{scene.facts}", color=INK, fontsize=12)
    _map_picture(scene, above)
    _gantt_picture(scene, below)
    return figure


def _map_picture(scene: Scene, axes: Axes) -> None:
    for line in scene.lines:
        axes.plot(*zip(*line.points, strict=True), color=line.colour, linewidth=1.1, alpha=0.75, zorder=1)
    for act, marker in ((Act.PICKUP, "o"), (Act.DELIVERY, "o"), (Act.CLEANING, "D")):
        dots = [dot for dot in scene.dots if dot.act is act]
        colours = [dot.colour for dot in dots]
        faces = colours if act is Act.PICKUP else [PAPER] * len(dots)
        xs, ys = [dot.x for dot in dots], [dot.y for dot in dots]
        axes.scatter(xs, ys, s=16, marker=marker, c=faces, edgecolors=colours, linewidths=1.1, zorder=2)
    for x, y in scene.homes:
        axes.plot([x], [y], marker="s", color=INK, markersize=8, zorder=3)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_title("full: pick-up, hollow: delivery, square: depot", fontsize=9, color=INK)
    axes.set_xticks([])
    axes.set_yticks([])


def _gantt_picture(scene: Scene, axes: Axes) -> None:
    for bar in scene.bars:
        colour, high = FILL.get(bar.doing, bar.colour), HEIGHT[bar.doing]
        axes.barh(bar.row, bar.end - bar.start, left=bar.start, height=high, color=colour)
    first, last = _span(scene)
    at = ticks(first, last)
    axes.set_xticks(at, [scene.clock(tick) for tick in at], fontsize=8, color=INK)
    axes.set_yticks(range(len(scene.rows)), scene.rows, fontsize=8, color=INK)
    axes.set_ylim(len(scene.rows) - 0.4, -0.6)
    axes.grid(axis="x", color=PALE, linewidth=0.6)
    axes.set_axisbelow(True)
    note = "thin: driving, thick: service, light grey: waiting, dark grey: break, blue: cleaning"
    axes.set_title(note, fontsize=9, color=INK)
