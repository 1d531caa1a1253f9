"""Frozen reference distributions for drift: deciles or categories, counted once, at training time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

DECILES = [share / 10 for share in range(1, 10)]


def build_reference(
    inputs: Sequence[Mapping[str, Any]], rows: pd.DataFrame, probability: np.ndarray, sample: Mapping[str, Any]
) -> dict[str, Any]:
    """The `reference` of a bundle; `inputs` holds inputs and protected inputs, `rows` their parsed values."""
    distributions = {
        entry["name"]: category_distribution(rows[entry["name"]].tolist(), entry["categories"])
        if entry["type"] == "category"
        else numeric_distribution(rows[entry["name"]].to_numpy(dtype=np.float64))
        for entry in inputs
    }
    return {
        "rows": len(rows),
        "sample": dict(sample),
        "inputs": distributions,
        "probability": numeric_distribution(probability),
    }


def numeric_distribution(column: np.ndarray) -> dict[str, Any]:
    """At most nine inner edges, each a decile that occurs in the data (R's type 1), and the counts between them.

    Repeated deciles merge, and the largest value is never an edge: no bin is empty. Sums are exact (`math.fsum`), so
    that the result does not depend on the order of additions; the standard deviation divides by n.
    """
    present = column[~np.isnan(column)]
    if len(present) == 0:
        return {"edges": [], "counts": [0], "missing": len(column), "mean": 0.0, "standardDeviation": 0.0}
    deciles = np.unique(np.quantile(present, DECILES, method="inverted_cdf"))
    edges = deciles[deciles < present.max()]
    counts = np.bincount(np.searchsorted(edges, present, side="left"), minlength=len(edges) + 1)
    mean = math.fsum(present.tolist()) / len(present)
    variance = math.fsum((value - mean) ** 2 for value in present.tolist()) / len(present)
    return {
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "missing": int(len(column) - len(present)),
        "mean": mean,
        "standardDeviation": math.sqrt(variance),
    }


def category_distribution(column: Sequence[str | None], categories: Sequence[str]) -> dict[str, Any]:
    """One count per declared category, in declared order."""
    return {
        "categories": list(categories),
        "counts": [sum(value == category for value in column) for category in categories],
        "missing": sum(value is None for value in column),
    }
