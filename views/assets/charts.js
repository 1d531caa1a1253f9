// Draws the charts: each is described by the JSON beside its canvas (ChartSpec in view-parts.ts).
'use strict';
(() => {
  const { Chart } = window;
  if (!Chart) return;
  const locale = document.documentElement.lang === 'fr' ? 'fr-FR' : 'en-GB';
  const DAY_MS = 86_400_000;
  const drawn = [];
  Chart.defaults.font.family = getComputedStyle(document.documentElement).fontFamily;

  const style = () => getComputedStyle(document.documentElement);
  const colour = (name) => style().getPropertyValue(`--${name}`).trim();

  const number = new Intl.NumberFormat(locale, { maximumSignificantDigits: 4 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 });
  const formatValue = (value, { y }) => (y.format === 'percent' ? percent : number).format(value);

  /** Times in the reader's zone, except whole days, which are days of the UTC calendar. */
  function formatTime(ms, spec, long) {
    const days = spec.x.stepMs >= DAY_MS;
    const span = spec.labels.at(-1) - spec.labels[0];
    const options = days
      ? { day: 'numeric', month: 'short', timeZone: 'UTC' }
      : {
          hour: '2-digit',
          minute: '2-digit',
          ...((long || span >= 2 * DAY_MS) && { day: 'numeric', month: 'short' }),
        };
    return new Intl.DateTimeFormat(locale, options).format(new Date(ms));
  }

  const formatLabel = (label, spec, long) =>
    spec.x.kind === 'time'
      ? formatTime(label, spec, long)
      : spec.x.kind === 'number'
        ? number.format(label)
        : String(label);

  const LABEL_SIZE = 11;

  function measureLabel(text) {
    const context = document.createElement('canvas').getContext('2d');
    context.font = `${LABEL_SIZE}px ${Chart.defaults.font.family}`;
    return context.measureText(text).width;
  }

  const LABEL_PADDING = 4;
  /** Lines nearer than this would have one label over the other. */
  const LABEL_HEIGHT = 20;

  /**
   * Right of its line, or left where there is no room. The plugin pushes a label back into the chart before it
   * moves it, so a label at the edge needs less.
   */
  function placeBeside(value, width, { scales, chartArea }) {
    const half = width / 2 + LABEL_PADDING;
    const at = scales.x.getPixelForValue(value);
    const pushed = Math.min(
      Math.max(at, chartArea.left + half + LABEL_PADDING),
      chartArea.right - half - LABEL_PADDING,
    );
    const side = at + 2 * half + 3 > chartArea.right ? -1 : 1;
    return at + side * (half + 3) - pushed;
  }

  /** Of lines that lie close together the highest is named; the note above the chart names them all. */
  function isApart(line, lines, { scales }) {
    const height = ({ value }) => scales.y.getPixelForValue(value);
    return lines.every((other) => other.value <= line.value || height(line) - height(other) >= LABEL_HEIGHT);
  }

  function describeLine(line, index, lines) {
    const horizontal = line.axis === 'y';
    const width = measureLabel(line.label);
    return {
      type: 'line',
      ...(horizontal ? { yMin: line.value, yMax: line.value } : { xMin: line.value, xMax: line.value }),
      borderColor: colour('threshold'),
      borderWidth: 1.5,
      borderDash: [5, 4],
      drawTime: 'afterDatasetsDraw',
      label: {
        display: ({ chart }) => !horizontal || isApart(line, lines, chart),
        content: line.label,
        // Above the oldest values, as the newest ones are what a reader looks for; or at the top of a vertical line.
        position: horizontal ? 'start' : 'end',
        // Beside their line, and below the label of the line before, so that none covers another.
        xAdjust: ({ chart }) => (horizontal ? 0 : placeBeside(line.value, width, chart)),
        yAdjust: horizontal ? -10 : index * 16,
        // Over all lines: none crosses a word.
        drawTime: 'afterDraw',
        backgroundColor: colour('surface'),
        color: colour('ink'),
        font: { size: LABEL_SIZE, weight: 'normal' },
        padding: { x: LABEL_PADDING, y: 2 },
      },
    };
  }

  const hasNeighbour = (values, index) => (values[index - 1] ?? values[index + 1] ?? null) !== null;

  function describeSeries(series, spec) {
    const shade = colour(`series-${series.colour}`);
    const data =
      spec.x.kind === 'number'
        ? series.values.map((y, index) => ({ x: spec.labels[index], y }))
        : series.values;
    const line = {
      borderWidth: 2,
      // A point without neighbours makes no line: it is shown as a point.
      pointRadius: ({ dataIndex }) => (hasNeighbour(series.values, dataIndex) ? 0 : 3),
      pointHitRadius: 8,
      tension: 0,
      spanGaps: false,
      borderDash: series.dashed ? [6, 4] : [],
      backgroundColor: shade,
    };
    const bar = { backgroundColor: shade, borderWidth: 0, barPercentage: 0.96, categoryPercentage: 0.9 };
    return { label: series.label, data, borderColor: shade, ...(spec.kind === 'line' ? line : bar) };
  }

  function describeChart(spec) {
    const ink = colour('muted');
    const grid = { color: colour('line'), tickColor: colour('line') };
    const title = (text) => ({ display: text !== null, text: text ?? '', color: ink, font: { size: 11 } });
    const numeric = spec.x.kind === 'number';
    return {
      type: spec.kind,
      data: {
        labels: numeric ? undefined : spec.labels,
        datasets: spec.series.map((series) => describeSeries(series, spec)),
      },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        locale,
        color: colour('ink'),
        interaction: { mode: 'index', intersect: false },
        scales: {
          x: {
            type: numeric ? 'linear' : 'category',
            stacked: spec.stacked,
            ...(numeric && { min: 0, max: 1, offset: false }),
            grid: { ...grid, display: false },
            border: { color: colour('line') },
            title: title(spec.x.title),
            ticks: {
              color: ink,
              maxRotation: 0,
              autoSkipPadding: 14,
              font: { size: 11 },
              callback: (value) => formatLabel(numeric ? value : spec.labels[value], spec, false),
            },
          },
          y: {
            beginAtZero: true,
            stacked: spec.stacked,
            ...(spec.y.atLeast !== null && { suggestedMax: spec.y.atLeast }),
            grid,
            border: { display: false },
            title: title(spec.y.title),
            ticks: {
              color: ink,
              font: { size: 11 },
              maxTicksLimit: 6,
              callback: (value) => formatValue(value, spec),
            },
          },
        },
        plugins: {
          legend: {
            display: spec.series.length > 1,
            align: 'start',
            labels: {
              color: colour('ink'),
              boxWidth: 18,
              boxHeight: spec.kind === 'line' ? 0 : 10,
              font: { size: 12 },
            },
          },
          tooltip: {
            callbacks: {
              title: (items) =>
                items[0]
                  ? formatLabel(numeric ? items[0].parsed.x : spec.labels[items[0].dataIndex], spec, true)
                  : '',
              label: (item) => `${item.dataset.label}: ${formatValue(item.parsed.y, spec)}`,
            },
          },
          annotation: { annotations: spec.lines.map(describeLine) },
        },
      },
    };
  }

  function drawAll() {
    while (drawn.length > 0) drawn.pop().destroy();
    for (const block of document.querySelectorAll('script[data-chart]')) {
      const canvas = block.parentElement.querySelector('canvas');
      drawn.push(new Chart(canvas, describeChart(JSON.parse(block.textContent))));
    }
  }

  document.addEventListener('DOMContentLoaded', drawAll);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  addEventListener('beforeprint', () => drawn.forEach((chart) => chart.resize()));
  addEventListener('afterprint', () => drawn.forEach((chart) => chart.resize()));
})();
