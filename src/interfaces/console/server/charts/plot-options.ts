import type UPlot from 'uplot';

interface PlotSettings {
  readonly parent: HTMLElement;
  /** How many lines. */
  readonly count: number;
  readonly format: (value: number) => string;
  readonly atLeast: number;
  /** The axis has marks at powers of two. */
  readonly isBinary: boolean;
  readonly onPoint: (index: number | null) => void;
}

type Options = Omit<UPlot.Options, 'width' | 'height'>;

const POWERS_OF_TWO = Array.from({ length: 50 }, (_, i) => 2 ** i);

/** How the charts look: in the colours of the page. */
export function plotOptions({ parent, count, format, atLeast, isBinary, onPoint }: PlotSettings): Options {
  const color = (name: string) => colorOf(parent, name);
  const text = color('--muted');
  const grid = { stroke: color('--line'), width: 1 };
  const font = `12px ${getComputedStyle(parent).fontFamily}`;
  const lines = Array.from({ length: count }, (_, i) => ({
    stroke: color(`--series-${i + 1}`),
    width: 1.5,
    points: { show: false },
    ...(count === 1 ? { fill: color('--accent-soft') } : {}),
  }));
  return {
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 }, sync: { key: 'server' } },
    scales: { x: { auto: false }, y: { range: (_, __, max) => [0, Math.max(max ?? 0, atLeast) * 1.1 || 1] } },
    series: [{}, ...lines],
    axes: [
      { stroke: text, font, grid: { show: false }, ticks: { show: false }, size: 28, space: 70, values: times },
      {
        stroke: text,
        font,
        grid,
        ticks: { show: false },
        size: 64,
        gap: 6,
        space: 32,
        ...(isBinary ? { incrs: POWERS_OF_TWO } : {}),
        values: (_, splits) => splits.map((value) => (value === 0 ? '0' : format(value))),
      },
    ],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const exactClock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });

function times(_: UPlot, splits: number[]): string[] {
  return splits.map((time) => (time % 60 === 0 ? clock : exactClock).format(time * 1000));
}

/** The canvas understands no variables: the browser resolves them on an element. */
function colorOf(parent: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  parent.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
