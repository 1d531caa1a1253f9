"""ln(1 + x) in basic operations only, so that Python and JavaScript agree to the last bit.

`math.log1p`, `numpy.log1p` and `Math.log1p` may each come from another library and differ in the last place. This is
the published algorithm, step by step, with the branch limits of FreeBSD and V8 (sqrt(2)/2 is the high word 0xbfd2bec4).

Source: fdlibm 5.3, s_log1p.c, Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Permission to use,
copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
"""

from __future__ import annotations

import math
import struct

LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
COEFFICIENTS = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)


def fdlibm_log1p(x: float) -> float:
    """ln(1 + x), error below one unit in the last place; NaN (missing) when x is NaN or x <= -1."""
    if math.isnan(x) or x <= -1.0:
        return math.nan
    if x == math.inf:
        return x
    high = _high_word(x)
    magnitude = high & 0x7FFFFFFF
    if high < 0x3FDA827A:  # 1 + x < sqrt(2)
        if magnitude < 0x3E200000:  # |x| < 2**-29
            return x if magnitude < 0x3C900000 else x - x * x * 0.5  # |x| < 2**-54
        if high > 0 or high <= 0xBFD2BEC4 - 0x100000000:  # sqrt(2)/2 <= 1 + x
            return _log_of_one_plus(x, 1, 0, 0.0)
    if high < 0x43400000:  # x < 2**53
        u = 1.0 + x
        exponent = (_high_word(u) >> 20) - 1023
        correction = (1.0 - (u - x) if exponent > 0 else x - (u - 1.0)) / u
    else:
        u = x
        exponent = (_high_word(u) >> 20) - 1023
        correction = 0.0
    fraction = _high_word(u) & 0x000FFFFF
    if fraction < 0x6A09E:
        u = _with_high_word(u, fraction | 0x3FF00000)  # u in [1, sqrt(2)]
    else:
        exponent += 1
        u = _with_high_word(u, fraction | 0x3FE00000)  # u/2 in [sqrt(2)/2, 1]
        fraction = (0x00100000 - fraction) >> 2
    return _log_of_one_plus(u - 1.0, fraction, exponent, correction)


def _log_of_one_plus(f: float, fraction: int, k: int, correction: float) -> float:
    """k ln 2 + ln(1 + f) + correction, with sqrt(2)/2 - 1 < f < sqrt(2) - 1; `fraction` 0 means |f| < 2**-20."""
    half_square = 0.5 * f * f
    if fraction == 0:
        if f == 0.0:
            return 0.0 if k == 0 else k * LN2_HIGH + (correction + k * LN2_LOW)
        remainder = half_square * (1.0 - 0.66666666666666666 * f)
        if k == 0:
            return f - remainder
        return k * LN2_HIGH - ((remainder - (k * LN2_LOW + correction)) - f)
    s = f / (2.0 + f)
    z = s * s
    c1, c2, c3, c4, c5, c6, c7 = COEFFICIENTS
    remainder = z * (c1 + z * (c2 + z * (c3 + z * (c4 + z * (c5 + z * (c6 + z * c7))))))
    if k == 0:
        return f - (half_square - s * (half_square + remainder))
    return k * LN2_HIGH - ((half_square - (s * (half_square + remainder) + (k * LN2_LOW + correction))) - f)


def _high_word(x: float) -> int:
    """The upper 32 bits of the float64, signed."""
    return struct.unpack("<i", struct.pack("<d", x)[4:])[0]


def _with_high_word(x: float, high: int) -> float:
    """`x` with its upper 32 bits replaced."""
    return struct.unpack("<d", struct.pack("<d", x)[:4] + struct.pack("<i", high))[0]
