import { plural } from '../../formats/quantity.js';
import { exactTime } from '../../formats/time.js';
import { addressOf } from '../../routing/addresses.js';
import { Scrolled } from '../scrolled.js';
import type { AuditRecord } from './use-audit-records.js';

/** Records, latest first. */
export function AuditTable({ records }: { readonly records: readonly AuditRecord[] }) {
  return (
    <Scrolled label="Records, latest first">
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Action</th>
            <th scope="col">Project</th>
            <th scope="col">Outcome</th>
            <th scope="col">Key</th>
            <th scope="col">From</th>
            <th scope="col">Request</th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <Record key={`${record.time} ${record.request_id} ${record.act}`} record={record} />
          ))}
        </tbody>
      </table>
    </Scrolled>
  );
}

function Record({ record }: { readonly record: AuditRecord }) {
  const { time, who, act, project, address, request_id, outcome, repeated } = record;
  return (
    <tr>
      <td>
        <time dateTime={new Date(time * 1000).toISOString()}>{exactTime(time)}</time>
      </td>
      <td>
        <a href={addressOf('audit', { act })} title={`Only ${act}`}>
          {inWords(act)}
        </a>
        {repeated > 0 && <small>{` and ${plural(repeated, 'more time')} in this minute`}</small>}
      </td>
      <td>{project ?? '–'}</td>
      <td>
        <span class={`outcome ${outcome}`}>{outcome}</span>
      </td>
      <td>
        <code>{who}</code>
      </td>
      <td>{address ?? '–'}</td>
      <td>
        <code>{request_id}</code>
      </td>
    </tr>
  );
}

/** `createApiKey` as `Create api key`. */
function inWords(act: string): string {
  const words = act.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
