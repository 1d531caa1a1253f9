"""Frozen bins: no bin empty, every row counted once."""

import numpy as np
import pytest
from build_reference import category_distribution, numeric_distribution


@pytest.mark.parametrize(
    ("column", "edges", "counts", "missing"),
    [
        (list(range(1, 101)), list(range(10, 100, 10)), [10] * 10, 0),
        ([0] * 50 + [1] * 50, [0], [50, 50], 0),
        ([7.5] * 4 + [np.nan], [], [4], 1),
        ([np.nan, np.nan], [], [0], 2),
    ],
)
def test_numeric(column: list[float], edges: list[float], counts: list[int], missing: int) -> None:
    distribution = numeric_distribution(np.array(column, dtype=np.float64))
    assert (distribution["edges"], distribution["counts"], distribution["missing"]) == (edges, counts, missing)


def test_category_counts_in_declared_order() -> None:
    assert category_distribution(["b", None, "a", "b"], ["a", "b", "c"]) == {
        "categories": ["a", "b", "c"],
        "counts": [1, 2, 0],
        "missing": 1,
    }
