"""Every operation by hand, and what it makes of missing values."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compute_features import compute_features

INPUTS: list[dict[str, Any]] = [
    {"name": "a", "type": "number"},
    {"name": "b", "type": "number"},
    {"name": "c", "type": "number"},
    {"name": "home", "type": "category", "categories": ["rent", "own"]},
]


def value_of(transform: dict[str, Any], a: float, b: float = 0.0, c: float = 0.0, home: str | None = "own") -> float:
    columns = {"a": [a], "b": [b], "c": [c], "home": pd.Series([home], dtype=object)}
    return float(compute_features([{"name": "x", "transform": transform}], INPUTS, pd.DataFrame(columns))[0, 0])


ALL = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        ({"op": "input", "input": "a"}, 0.1),
        ({"op": "ratio", "numerator": "a", "denominator": "b"}, 0.1 / 0.2),
        ({"op": "difference", "minuend": "a", "subtrahend": "b"}, 0.1 - 0.2),
        ({"op": "sum", "of": ALL}, (0.1 + 0.2) + 0.3),
        ({"op": "mean", "of": ALL}, ((0.1 + 0.2) + 0.3) / 3),
        ({"op": "max", "of": ALL}, 0.3),
        ({"op": "min", "of": ALL}, 0.1),
        ({"op": "weightedSum", "of": ALL, "weights": [3, 2, 0.1]}, (3 * 0.1 + 2 * 0.2) + 0.1 * 0.3),
        ({"op": "countAtLeast", "of": ALL, "threshold": 0.2}, 2),
        ({"op": "log1p", "of": "a"}, 0.09531017980432487),
        ({"op": "oneHot", "input": "home", "category": "own"}, 1),
        ({"op": "oneHot", "input": "home", "category": "rent"}, 0),
        ({"op": "ordinal", "input": "home"}, 1),
        ({"op": "ratio", "numerator": {"op": "sum", "of": ["a", "b"]}, "denominator": "c"}, (0.1 + 0.2) / 0.3),
    ],
)
def test_by_hand(transform: dict[str, Any], expected: float) -> None:
    assert value_of(transform, 0.1, 0.2, 0.3) == expected


@pytest.mark.parametrize(
    "transform",
    [
        {"op": "input", "input": "b"},
        {"op": "ratio", "numerator": "a", "denominator": "b"},
        {"op": "difference", "minuend": "b", "subtrahend": "a"},
        *({"op": operation, "of": ALL} for operation in ("sum", "mean", "max", "min")),
        {"op": "weightedSum", "of": ALL, "weights": [1, 0, 1]},
        {"op": "countAtLeast", "of": ALL, "threshold": 0},
        {"op": "log1p", "of": "b"},
        {"op": "oneHot", "input": "home", "category": "own"},
        {"op": "ordinal", "input": "home"},
    ],
)
def test_a_missing_operand_makes_the_result_missing(transform: dict[str, Any]) -> None:
    assert np.isnan(value_of(transform, 1.0, np.nan, 1.0, home=None))


@pytest.mark.parametrize("denominator", [0.0, -0.0])
def test_a_denominator_of_zero_is_missing(denominator: float) -> None:
    assert np.isnan(value_of({"op": "ratio", "numerator": "a", "denominator": "b"}, 1.0, denominator))
