import { useState } from 'preact/hooks';
import { exactTime } from '../../formats/time.js';
import { Scrolled } from '../scrolled.js';
import type { Series } from './series.js';

interface ValuesTableProps {
  readonly title: string;
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
}

/** How many rows there are at most: of more values, some are left out. */
const MOST_ROWS = 20;

/** What a chart shows, in words; made only while it is open. */
export function ValuesTable({ title, times, series, format }: ValuesTableProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="values" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        As a table<span class="visually-hidden">: {title}</span>
      </summary>
      {isOpen && (
        <Scrolled label={`${title} as a table`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rowsOf(times).map((i) => (
                <tr key={times[i]}>
                  <th scope="row">{exactTime(times[i] as number)}</th>
                  {series.map(({ name, values }) => (
                    <td key={name}>{typeof values[i] === 'number' ? format(values[i]) : '–'}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolled>
      )}
    </details>
  );
}

/** Which values have a row: latest first, evenly spread. */
function rowsOf(times: readonly number[]): number[] {
  const step = Math.max(1, Math.ceil(times.length / MOST_ROWS));
  const rows: number[] = [];
  for (let i = times.length - 1; i >= 0; i -= step) rows.push(i);
  return rows;
}
