"""The frames of a write-ahead log that SQLite will read, found as its file format says (sqlite.org/walformat.html)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
MAGIC = (0x377F0682, 0x377F0683)
"""The second one's checksums are of big-endian words."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One page, as it was written at `offset`; the last of a transaction commits it."""

    offset: int
    page_bytes: int
    is_commit: bool

    @property
    def page_offset(self) -> int:
        return self.offset + FRAME_HEADER_BYTES

    @property
    def end(self) -> int:
        return self.page_offset + self.page_bytes


def committed(log: Path) -> list[Frame]:
    """Every frame up to the last commit; the last one is that commit. None, where nothing of the log counts."""
    content = log.read_bytes() if log.exists() else b""
    frames = list(_whole(content))
    while frames and not frames[-1].is_commit:
        frames.pop()
    return frames


def _whole(content: bytes) -> Iterator[Frame]:
    """Until the first frame that is not of this log's generation, or whose checksum is wrong."""
    if len(content) < HEADER_BYTES:
        return
    magic, _, page_bytes, _, *salts, first, second = struct.unpack(">8I", content[:HEADER_BYTES])
    if magic not in MAGIC:
        return
    order = "<>"[magic & 1]
    if _sum(content[:24], (0, 0), order) != (first, second):
        return
    sums, offset = (first, second), HEADER_BYTES
    while offset + FRAME_HEADER_BYTES + page_bytes <= len(content):
        page = offset + FRAME_HEADER_BYTES
        _, size_after, *frame_salts, first, second = struct.unpack(">6I", content[offset:page])
        sums = _sum(content[offset : offset + 8], sums, order)
        sums = _sum(content[page : page + page_bytes], sums, order)
        if frame_salts != salts or sums != (first, second):
            return
        yield Frame(offset=offset, page_bytes=page_bytes, is_commit=size_after != 0)
        offset = page + page_bytes


def _sum(content: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = sums
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
