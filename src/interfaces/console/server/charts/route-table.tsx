import { count } from '../../formats/quantity.js';
import { milliseconds, rate } from '../formats.js';
import type { RouteRates } from '../metrics/rates.js';
import { Scrolled } from '../scrolled.js';

/** What each route did in the time that the charts show, busiest first. */
export function RouteTable({ routes }: { readonly routes: readonly (readonly [string, RouteRates])[] }) {
  if (routes.length === 0) return <p class="hint">No request was answered in this time.</p>;
  const time = (seconds: number | undefined) => (seconds === undefined ? '–' : milliseconds(seconds));
  return (
    <Scrolled label="Routes">
      <table class="routes">
        <thead>
          <tr>
            <th scope="col">Route</th>
            <th scope="col">Requests</th>
            <th scope="col">A second</th>
            <th scope="col">Mean</th>
            <th scope="col">Half are faster than</th>
            <th scope="col">95 % are faster than</th>
            <th scope="col">Failed</th>
          </tr>
        </thead>
        <tbody>
          {routes.map(([route, { count: requests, perSecond, mean, median, p95, failed }]) => (
            <tr key={route}>
              <th scope="row">{route}</th>
              <td>{count(requests)}</td>
              <td>{rate(perSecond)}</td>
              <td>{time(mean)}</td>
              <td>{time(median)}</td>
              <td>{time(p95)}</td>
              <td class={failed > 0 ? 'problem' : ''}>{count(failed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolled>
  );
}
