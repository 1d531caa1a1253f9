"""The logarithm against the C library's, which may differ in the last place only."""

import math

import numpy as np
import pytest
from fdlibm_log1p import fdlibm_log1p


def test_within_one_unit_in_the_last_place() -> None:
    generator = np.random.default_rng(0)
    values = [*generator.uniform(-1, 1, 20_000), *(10.0 ** generator.uniform(-20, 300, 20_000))]
    for value in map(float, values):
        expected = math.log1p(value)
        assert abs(fdlibm_log1p(value) - expected) <= math.ulp(expected)


@pytest.mark.parametrize(
    ("x", "expected"),
    [(0.0, 0.0), (1.0, 0.6931471805599453), (1e-20, 1e-20), (math.inf, math.inf), (2.0**60, math.log(2.0**60))],
)
def test_known_values(x: float, expected: float) -> None:
    assert fdlibm_log1p(x) == expected


@pytest.mark.parametrize("x", [-1.0, -2.0, -math.inf, math.nan])
def test_missing_where_the_logarithm_does_not_exist(x: float) -> None:
    assert math.isnan(fdlibm_log1p(x))


def test_keeps_negative_zero() -> None:
    assert math.copysign(1.0, fdlibm_log1p(-0.0)) == -1.0
