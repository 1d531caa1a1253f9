"""Reads the columns that `test/bench/statistics.ts` wrote: `layout.json` and little-endian arrays beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Column:
    name: str
    is_category: bool
    reference: np.ndarray
    production: np.ndarray


def read_columns(folder: Path) -> list[Column]:
    layout = json.loads((folder / "layout.json").read_text(encoding="utf-8"))
    columns = []
    for column in layout["columns"]:
        is_category = column["kind"] == "category"
        values = np.fromfile(folder / column["name"], dtype="u1" if is_category else "<f8")
        rows = layout["referenceRows"]
        columns.append(Column(column["name"], is_category, values[:rows], values[rows:]))
    return columns
