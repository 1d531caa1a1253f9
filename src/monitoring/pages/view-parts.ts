/** Partial `time`: UTC as rendered, the reader's zone by script; a day stays the UTC day. */
export interface TimeView {
  readonly iso: string;
  readonly text: string;
  readonly precision: 'second' | 'minute' | 'day';
}

/** How something stands: shown as a word and an icon beside the colour. */
export type Level = 'good' | 'attention' | 'critical' | 'unknown';

/** Partial `badge`. */
export interface BadgeView {
  readonly level: Level;
  readonly text: string;
}

/** A table's cell: a text, a time, or a link; made by `textCell`, `timeCell`, `linkCell` and `badgeCell`. */
export interface CellView {
  readonly text: string;
  readonly time: TimeView | null;
  readonly href: string | null;
  readonly badge: BadgeView | null;
}

/** Partial `table`: the first column heads its row. */
export interface TableView {
  /** Read out with the table; shown above it. */
  readonly caption: string;
  readonly columns: readonly { readonly label: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly CellView[])[];
  /** Address of the same table as CSV; null when there is none. */
  readonly csv: string | null;
  /** Shown instead of a table without rows. */
  readonly empty: string;
}

/** Colours of series: names of CSS variables (`--series-<name>`), which differ in light and dark. */
export type SeriesColour =
  'main' | 'other' | 'third' | 'approved' | 'referred' | 'rejected' | 'success' | 'refused' | 'failed';

/**
 * What `views/assets/charts.js` draws; it stands in the page as JSON beside its canvas. One of three axes:
 * `time` (labels are milliseconds since the epoch), `number` (labels are numbers; bars stand around them),
 * `category` (labels are texts).
 */
export interface ChartSpec {
  readonly kind: 'line' | 'bar';
  readonly stacked: boolean;
  readonly x: {
    readonly kind: 'time' | 'number' | 'category';
    /** Distance of the points of a time axis, milliseconds; null otherwise. */
    readonly stepMs: number | null;
    readonly title: string | null;
  };
  readonly y: {
    readonly title: string;
    readonly format: 'number' | 'percent';
    /** Lowest upper end of the axis, so that small noise does not look large; null leaves it to the data. */
    readonly atLeast: number | null;
  };
  readonly labels: readonly (number | string)[];
  readonly series: readonly {
    readonly label: string;
    readonly colour: SeriesColour;
    readonly values: readonly (number | null)[];
    readonly dashed: boolean;
  }[];
  /** Lines across: thresholds. For `x` on a category or time axis, `value` is the index of the label. */
  readonly lines: readonly { readonly axis: 'x' | 'y'; readonly value: number; readonly label: string }[];
}

/** Partial `chart`: a drawing and, always, its table. */
export interface ChartView {
  /** Unique on its page. */
  readonly id: string;
  readonly title: string;
  /** What is drawn, over how many rows, and what the threshold is: one line. */
  readonly note: string;
  readonly spec: ChartSpec;
  readonly table: TableView;
}

/** Partial `tile`: one number with its unit, its change and a small trend. */
export interface TileView {
  readonly label: string;
  readonly value: string;
  readonly unit: string | null;
  /** Change against the time before; null when there is nothing to compare with. */
  readonly change: string | null;
  /** A second fact below. */
  readonly note: string | null;
  readonly level: Level | null;
  /** `d` of an SVG path in a box of 120 × 28, from `drawSparkline`; null without a trend. */
  readonly sparkline: string | null;
}

/** Partial `empty`: how to fill what is empty. */
export interface EmptyView {
  readonly text: string;
  /** A command to copy; null when there is none. */
  readonly command: string | null;
}

/** A cell of plain text. */
export function textCell(text: string): CellView {
  return { text, time: null, href: null, badge: null };
}

/** A cell that tells a time in the reader's zone. */
export function timeCell(time: TimeView): CellView {
  return { text: time.text, time, href: null, badge: null };
}

/** A cell that leads to another page. */
export function linkCell(text: string, href: string): CellView {
  return { text, time: null, href, badge: null };
}

/** A cell that says how something stands. */
export function badgeCell(badge: BadgeView): CellView {
  return { text: badge.text, time: null, href: null, badge };
}
