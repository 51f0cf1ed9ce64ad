"""`python -m benchmarks.local.plot RESULTS SVG`: the figures as a picture, drawn by hand: bars need no library.

Its colours follow the reader's theme, light or dark.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.local.cases import Figures
from benchmarks.local.report import NAMES

WIDTH, LEFT, BAR, GAP, HEAD = 760, 300, 18, 8, 44
LONGEST = WIDTH - LEFT - 90
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.head { font-weight: 600; font-size: 14px }
.value, .name { dominant-baseline: central }
.name { text-anchor: end }
.ours { fill: #0969da } .other { fill: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .ours { fill: #4493f8 } .other { fill: #6e7681 }
}
"""
Bar = tuple[str, float, str, bool]
"""Name, length, what is written at its end, whether it is ours."""


def main(results: str, picture: str) -> None:
    Path(picture).write_text(drawn(json.loads(Path(results).read_bytes())), encoding="utf-8")


def drawn(figures: Figures) -> str:
    charts = (
        ("Orders and workflows a second; ours is the whole order over HTTP, DBOS's the saga alone", _rates(figures)),
        ("At half of that rate: milliseconds", _latencies(figures)),
        ("Orders a second, with so many stored (median)", _stored(figures)),
        ("Seconds from the start until it answers", _starts(figures)),
    )
    lines, top = list[str](), 0
    for title, bars in charts:
        lines += [f'<text class="head" x="8" y="{top + 24}">{escape(title)}</text>', *_chart(bars, top + HEAD)]
        top += HEAD + len(bars) * (BAR + GAP) + GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}"'
    return "\n".join(
        [f'{head} role="img" aria-label="Local performance">', f"<style>{STYLE}</style>", *lines, "</svg>\n"]
    )


def _chart(bars: Sequence[Bar], top: int) -> Iterator[str]:
    longest = max(length for _, length, _, _ in bars) or 1
    for number, (name, length, value, is_ours) in enumerate(bars):
        y, width = top + number * (BAR + GAP), max(1, round(LONGEST * length / longest))
        kind = "ours" if is_ours else "other"
        yield f'<text class="name" x="{LEFT - 10}" y="{y + BAR // 2}">{escape(name)}</text>'
        yield f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{width}" height="{BAR}" rx="2"/>'
        yield f'<text class="value" x="{LEFT + width + 8}" y="{y + BAR // 2}">{escape(value)}</text>'


def _rates(figures: Figures) -> list[Bar]:
    rates = figures["saturation"]["rates"]
    shown = {name: rate["median"] for name, rate in rates.items() if not name.startswith("sqlite")}
    return [(NAMES[name], rate, str(rate), name in ("orders", "own_saga")) for name, rate in shown.items()]


def _latencies(figures: Figures) -> list[Bar]:
    found = figures["half_load"]
    named = (("post_seconds", "POST /orders"), ("order_seconds", "accepted to FULFILLED"))
    return [
        (f"{what}, {which}", seconds, f"{seconds * 1000:.1f}", True)
        for name, what in named
        for which, seconds in found[name].items()
    ]


def _stored(figures: Figures) -> list[Bar]:
    by_stored = figures["stored"]["orders_a_second"]
    medians = {int(stored): sorted(rates)[len(rates) // 2] for stored, rates in by_stored.items()}
    return [(f"{stored:,}", rate, str(rate), True) for stored, rate in medians.items()]


def _starts(figures: Figures) -> list[Bar]:
    return [
        (name, start["wall_seconds"], f"{start['wall_seconds']:.2f}", name.endswith("local_runtime"))
        for name, start in figures["start_up"].items()
    ]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
