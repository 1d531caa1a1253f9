import { type TimeView } from './view-parts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MEGABYTE = 1_000_000;

/** Smaller p-values are written as "below": their digits say nothing. */
const SMALLEST_P_VALUE = 0.0001;

/** Stands where there is no number. */
const NOTHING = '–';

const DAY_PARTS = { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' } as const;
const MINUTE_PARTS = { ...DAY_PARTS, hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const;
const DATE_PARTS: Readonly<Record<TimeView['precision'], Intl.DateTimeFormatOptions>> = {
  day: DAY_PARTS,
  minute: MINUTE_PARTS,
  second: { ...MINUTE_PARTS, second: '2-digit' },
};

/** How numbers and times are written in one language; null becomes a dash. */
export class Formats {
  private readonly numbers = new Map<string, Intl.NumberFormat>();
  private readonly dates = new Map<TimeView['precision'], Intl.DateTimeFormat>();

  /** @param locale BCP 47, such as `fr-FR` */
  constructor(readonly locale: string) {}

  /** `12,345`. */
  integer(value: number | null): string {
    return this.number(value, { maximumFractionDigits: 0 });
  }

  /** Significant digits, trailing zeros dropped: `0.0314`, `1,235`. */
  decimal(value: number | null, significantDigits = 3): string {
    const digits =
      value !== null && Math.abs(value) >= 10 ** significantDigits
        ? { maximumFractionDigits: 0 }
        : { maximumSignificantDigits: significantDigits };
    return this.number(value, digits);
  }

  /** Always that many decimals, for columns that are compared by eye. */
  fixed(value: number | null, decimals: number): string {
    return this.number(value, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }

  /** A share in [0, 1] as `12.3 %`; small ones keep two digits. */
  share(value: number | null): string {
    const decimals = value !== null && value !== 0 && Math.abs(value) < 0.01 ? 2 : 1;
    return this.number(value, { style: 'percent', maximumFractionDigits: decimals });
  }

  /** A share's difference as percentage points, with its sign. */
  points(difference: number): string {
    return this.number(difference * 100, { maximumFractionDigits: 1, signDisplay: 'exceptZero' });
  }

  /** A relative change with its sign: `+12 %`. */
  change(ratio: number): string {
    return this.number(ratio, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' });
  }

  /** `0.031`, `< 0.0001`. */
  pValue(value: number | null): string {
    if (value === null || value === 0 || value >= SMALLEST_P_VALUE) {
      return value === 0 ? `< ${this.decimal(SMALLEST_P_VALUE)}` : this.decimal(value, 2);
    }
    return `< ${this.decimal(SMALLEST_P_VALUE)}`;
  }

  /** `0.61 ms`, `12 ms`, `1.2 s`. */
  milliseconds(value: number | null): string {
    if (value === null) return NOTHING;
    return value < SECOND_MS
      ? `${this.decimal(value, value < 10 ? 2 : 3)} ms`
      : `${this.decimal(value / SECOND_MS, 2)} s`;
  }

  /** `182 MB`, `182 Mo`. */
  megabytes(bytes: number | null): string {
    const value = bytes === null ? null : bytes / MEGABYTE;
    return this.number(value, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 0 });
  }

  /** A span's length in its largest unit: `42 seconds`, `5 minutes`, `24 hours`, `7 days`. */
  duration(ms: number): string {
    const [unit, length] =
      ms < MINUTE_MS
        ? (['second', SECOND_MS] as const)
        : ms < HOUR_MS
          ? (['minute', MINUTE_MS] as const)
          : ms < 2 * DAY_MS
            ? (['hour', HOUR_MS] as const)
            : (['day', DAY_MS] as const);
    return this.number(ms / length, {
      style: 'unit',
      unit,
      unitDisplay: 'long',
      maximumFractionDigits: 0,
    });
  }

  /** A moment to the minute, or the second; UTC here, the reader's zone by script. */
  time(moment: number | string, precision: 'second' | 'minute' = 'minute'): TimeView {
    return this.date(moment, precision);
  }

  /** A day of the UTC calendar, which no zone moves. */
  day(moment: number | string): TimeView {
    return this.date(moment, 'day');
  }

  private date(moment: number | string, precision: TimeView['precision']): TimeView {
    const date = new Date(moment);
    const format = keep(
      this.dates,
      precision,
      () => new Intl.DateTimeFormat(this.locale, DATE_PARTS[precision]),
    );
    return { iso: date.toISOString(), text: format.format(date), precision };
  }

  private number(value: number | null, options: Intl.NumberFormatOptions): string {
    if (value === null) return NOTHING;
    const key = JSON.stringify(options);
    return keep(this.numbers, key, () => new Intl.NumberFormat(this.locale, options)).format(value);
  }
}

/** Making a format takes fifty times as long as using one, and a page writes thousands of numbers. */
function keep<K, V>(kept: Map<K, V>, key: K, make: () => V): V {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = make();
  kept.set(key, made);
  return made;
}
