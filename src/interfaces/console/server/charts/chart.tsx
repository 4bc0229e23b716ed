import { useEffect, useRef, useState } from 'preact/hooks';
import type UPlot from 'uplot';
import { theme } from '../../components/theme.js';
import { loadPart } from '../../loading/load-part.js';
import { plotOptions } from './plot-options.js';
import type { Series } from './series.js';
import { ValuesTable } from './values-table.js';
import 'uplot/dist/uPlot.min.css';

interface ChartProps {
  readonly title: string;
  readonly times: readonly number[];
  readonly series: readonly Series[];
  /** The moments at its two ends, in seconds since 1970. */
  readonly range: readonly [number, number];
  readonly format: (value: number) => string;
  /** The axis goes up to this at least. */
  readonly atLeast?: number;
  /** Its values are bytes: the axis has marks at powers of two. */
  readonly isBinary?: boolean;
}

/** Lines over time, with a legend that shows the values under the pointer, else the last, and all values as a table. */
export function Chart(props: ChartProps) {
  const { title, times, series, format } = props;
  const [pointed, setPointed] = useState<number | null>(null);
  const at = pointed !== null && pointed < times.length ? pointed : times.length - 1;
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        {pointed !== null && times[at] !== undefined && <time>{clock.format((times[at] as number) * 1000)}</time>}
      </figcaption>
      <Plot {...props} onPoint={setPointed} />
      <ul class="chart-legend">
        {series.map(({ name, values }, i) => (
          <li key={name}>
            <span class={`swatch series-${i + 1}`} aria-hidden="true" />
            <span class="name">{name}</span>
            <span class="value">{shown(values[at], format)}</span>
          </li>
        ))}
      </ul>
      <ValuesTable title={title} times={times} series={series} format={format} />
    </figure>
  );
}

const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });

function shown(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value);
}

/** The drawing; uPlot is loaded for the first one. */
function Plot(props: ChartProps & { readonly onPoint: (index: number | null) => void }) {
  const { title, times, series, range, format, atLeast = 0, isBinary = false, onPoint } = props;
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const data = [times, ...series.map(({ values }) => values)] as UPlot.AlignedData;
  const latest = useRef({ data, range });
  latest.current = { data, range };
  const names = series.map(({ name }) => name).join('\n');
  const chosen = theme.value;
  const [systemTheme, setSystemTheme] = useState(0);

  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const onChange = () => setSystemTheme((count) => count + 1);
    dark.addEventListener('change', onChange);
    return () => dark.removeEventListener('change', onChange);
  }, []);

  useEffect(() => {
    const parent = element.current;
    if (parent === null) return;
    const gone = new AbortController();
    const resized = new ResizeObserver(() => plot.current?.setSize(sizeOf(parent)));
    void loadPart(() => import('uplot'), { stop: gone.signal }).then((part) => {
      if (part === undefined) return;
      const { default: Plotter } = part;
      const options = plotOptions({ parent, count: series.length, format, atLeast, isBinary, onPoint });
      plot.current = new Plotter({ ...options, ...sizeOf(parent) }, latest.current.data, parent);
      setScale(plot.current, latest.current.range);
      resized.observe(parent);
    });
    return () => {
      gone.abort();
      resized.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [names, chosen, systemTheme]);

  useEffect(() => {
    plot.current?.setData(data, false);
    if (plot.current !== undefined) setScale(plot.current, range);
  });

  return <div class="plot" ref={element} role="img" aria-label={`${title}: the table below has the values`} />;
}

function setScale(plot: UPlot, [min, max]: readonly [number, number]): void {
  plot.setScale('x', { min, max });
}

function sizeOf(parent: HTMLElement) {
  return { width: Math.max(parent.clientWidth, 100), height: parent.clientHeight };
}
