"""Reads raw inputs from CSV as strictly as the service reads an application."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bundle_error import BundleError

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def read_rows(file: Path) -> pd.DataFrame:
    """The CSV as text, cell by cell: numbers are parsed later, once, to the nearest float64."""
    if not file.is_file():
        raise BundleError(file, "--rows", "an existing CSV file", "Check the path.")
    try:
        return pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as failure:
        raise BundleError(file, "--rows", "a UTF-8 CSV file with a header", "Save it as CSV again.") from failure


def parse_rows(table: pd.DataFrame, entries: Sequence[Mapping[str, Any]], file: object) -> pd.DataFrame:
    """One column per entry: float64 with NaN for missing, or text with None for missing; extra columns are left out."""
    parsed: dict[str, Any] = {}
    for entry in entries:
        name = entry["name"]
        if name not in table.columns:
            raise BundleError(file, name, "a column for every input", "Add the column, or take the input out.")
        cells = table[name].tolist()
        parse = parse_category if entry["type"] == "category" else parse_number
        values = [parse(cell, entry, f"{file}, row {row}") for row, cell in enumerate(cells, start=1)]
        parsed[name] = np.array(values, dtype=object if entry["type"] == "category" else np.float64)
    return pd.DataFrame({name: pd.Series(column, dtype=column.dtype) for name, column in parsed.items()})


def parse_number(cell: str, entry: Mapping[str, Any], where: str) -> float:
    """A number within the input's range; an empty cell is missing when the input allows it."""
    name = entry["name"]
    if cell.strip() == "":
        require_nullable(entry, where)
        return np.nan
    kind = "a whole number" if entry["type"] == "integer" else "a number"
    expected = f"{kind} from {entry['minimum']} to {entry['maximum']}"
    if not NUMBER.fullmatch(cell.strip()):
        raise BundleError(where, name, expected, "Correct the cell, or leave it empty if it is missing.")
    value = float(cell)
    if not entry["minimum"] <= value <= entry["maximum"]:
        raise BundleError(where, name, expected, "Correct the cell, or widen the range in the manifest.")
    if entry["type"] == "integer" and not value.is_integer():
        raise BundleError(where, name, expected, 'Correct the cell, or set "type": "number" in the manifest.')
    return value


def parse_category(cell: str, entry: Mapping[str, Any], where: str) -> str | None:
    """One of the input's categories; an empty cell is missing when the input allows it."""
    if cell == "":
        require_nullable(entry, where)
        return None
    if cell not in entry["categories"]:
        expected = f"one of {len(entry['categories'])} declared categories"
        raise BundleError(where, entry["name"], expected, "Correct the cell, or declare the category in the manifest.")
    return cell


def require_nullable(entry: Mapping[str, Any], where: str) -> None:
    """Refuses an empty cell where an application could not leave the field out."""
    if not entry["nullable"]:
        remedy = 'Fill the cell, or set "nullable": true in the manifest.'
        raise BundleError(where, entry["name"], "a value", remedy)


def format_cell(value: object) -> str:
    """Shortest text that reads back to the same value; empty when missing."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (float, np.floating)):
        number = float(value)
        whole = number.is_integer() and abs(number) < 1e15
        return str(int(number)) if whole else repr(number)
    return str(value)


def format_rows(rows: pd.DataFrame) -> bytes:
    """CSV bytes of parsed rows; the same rows always give the same bytes."""
    text = pd.DataFrame({name: [format_cell(value) for value in rows[name].tolist()] for name in rows.columns})
    return text.to_csv(index=False, lineterminator="\n").encode()
