"""The constructed rows hold what they promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from build_parity_rows import build_parity_rows, mixed_rows
from compute_features import compute_features

INPUTS: list[dict[str, Any]] = [
    {"name": "a", "type": "integer", "minimum": 0, "maximum": 1000, "nullable": False},
    {"name": "b", "type": "integer", "minimum": 0, "maximum": 1000, "nullable": True},
    {"name": "home", "type": "category", "categories": ["rent", "own"], "nullable": True},
]
FEATURES = [
    {"name": "aToB", "transform": {"op": "ratio", "numerator": "a", "denominator": "b"}},
    {"name": "total", "transform": {"op": "sum", "of": ["a", {"op": "ordinal", "input": "home"}]}},
]
TREES = [{"feature": [0, -1, 1, -1, -1], "threshold": [0.375, 0, 12.0, 0, 0]}]


def some_rows() -> pd.DataFrame:
    homes = pd.Series(["own", None, "rent"], dtype=object)
    return pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, np.nan, 5.0], "home": homes})


def test_reaches_thresholds_limits_and_missing_values() -> None:
    rows = build_parity_rows(INPUTS, FEATURES, some_rows(), TREES, seed=1)
    features = compute_features(FEATURES, INPUTS, rows)
    assert len(rows) >= 500
    assert (features[:, 0] == 0.375).any() and (features[:, 1] == 12.0).any()
    assert (rows["a"] == 1000).any() and (rows["b"] == 0).any() and rows["b"].isna().any()


def test_mixtures_keep_missing_categories_as_none() -> None:
    drawn = mixed_rows(some_rows(), 50, np.random.default_rng(2))["home"].tolist()
    assert set(drawn) == {"own", "rent", None}
