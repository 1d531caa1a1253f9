"""Interprets the manifest's transforms: the same list, the same order of operations, as the service in TypeScript.

All arithmetic is float64. Missing is NaN, and any missing operand makes the result missing. No function here may use
an operation whose result depends on the library or on the order of a reduction (`numpy.sum`, `numpy.log1p`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fdlibm_log1p import fdlibm_log1p

Column = np.ndarray
Operand = str | Mapping[str, Any]


def compute_features(
    features: Sequence[Mapping[str, Any]], inputs: Sequence[Mapping[str, Any]], rows: pd.DataFrame
) -> np.ndarray:
    """The feature matrix, float64, shape [rows, features], in the order of `features`; NaN means missing.

    `rows` comes from `parse_rows`: float64 columns for numeric inputs, strings or None for categories.
    """
    categories = {entry["name"]: entry.get("categories", []) for entry in inputs}
    with np.errstate(all="ignore"):
        columns = [evaluate(feature["transform"], rows, categories) for feature in features]
    return np.column_stack(columns)


def evaluate(operand: Operand, rows: pd.DataFrame, categories: Mapping[str, Sequence[str]]) -> Column:
    """One operand: the name of a numeric input, or a transform."""
    if isinstance(operand, str):
        return rows[operand].to_numpy(dtype=np.float64)

    def of(inner: Operand) -> Column:
        return evaluate(inner, rows, categories)

    match operand["op"]:
        case "input":
            return of(operand["input"])
        case "ratio":
            return ratio(of(operand["numerator"]), of(operand["denominator"]))
        case "difference":
            return of(operand["minuend"]) - of(operand["subtrahend"])
        case "sum":
            return fold(np.add, [of(inner) for inner in operand["of"]])
        case "mean":
            return fold(np.add, [of(inner) for inner in operand["of"]]) / float(len(operand["of"]))
        case "max":
            return fold(np.maximum, [of(inner) for inner in operand["of"]])
        case "min":
            return fold(np.minimum, [of(inner) for inner in operand["of"]])
        case "weightedSum":
            weighted = [weight * of(inner) for weight, inner in zip(operand["weights"], operand["of"], strict=True)]
            return fold(np.add, weighted)
        case "countAtLeast":
            return count_at_least([of(inner) for inner in operand["of"]], operand["threshold"])
        case "log1p":
            return np.array([fdlibm_log1p(value) for value in of(operand["of"]).tolist()], dtype=np.float64)
        case "oneHot":
            return category_index(rows[operand["input"]], {operand["category"]: 1.0}, otherwise=0.0)
        case "ordinal":
            order = {category: float(index) for index, category in enumerate(categories[operand["input"]])}
            return category_index(rows[operand["input"]], order, otherwise=np.nan)
    raise ValueError("unknown op: read_manifest must refuse it")


def fold(operation: Callable[[Column, Column], Column], columns: Sequence[Column]) -> Column:
    """((a op b) op c) …, left to right; NaN in, NaN out (numpy's maximum and minimum keep NaN too)."""
    result = columns[0]
    for column in columns[1:]:
        result = operation(result, column)
    return result


def ratio(numerator: Column, denominator: Column) -> Column:
    """numerator / denominator; missing when the denominator is 0."""
    return np.where(denominator == 0.0, np.nan, numerator / denominator)


def count_at_least(columns: Sequence[Column], threshold: float) -> Column:
    """How many columns are >= threshold; missing when any of them is."""
    count = fold(np.add, [(column >= threshold).astype(np.float64) for column in columns])
    return np.where(np.isnan(fold(np.add, columns)), np.nan, count)


def category_index(column: pd.Series, values: Mapping[str, float], otherwise: float) -> Column:
    """The number that stands for each category; missing stays missing."""
    present = (value if isinstance(value, str) else None for value in column.tolist())
    indices = [np.nan if value is None else values.get(value, otherwise) for value in present]
    return np.array(indices, dtype=np.float64)
