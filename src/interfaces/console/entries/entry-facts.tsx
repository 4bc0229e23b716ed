import type { ComponentChildren } from 'preact';
import { useEffect, useReducer } from 'preact/hooks';
import { bytes, count } from '../formats/quantity.js';
import { exactTime, relativeTime } from '../formats/time.js';
import type { Entry } from '../operations/read-entry.js';
import { kindInWords, viewsOf } from '../values/value-kind.js';

/** What is known of an entry, in words. */
export function EntryFacts({ entry }: { readonly entry: Entry }) {
  const [, render] = useReducer((renders: number, _: undefined) => renders + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => render(undefined), 1000);
    return () => clearInterval(timer);
  }, []);
  const { createdAt, updatedAt, expiresAt, meta } = entry;
  const size = bytes(entry.sizeBytes);
  return (
    <dl class="facts">
      <Fact name="Type">{kindInWords(entry, viewsOf(entry))}</Fact>
      <Fact name="Size">
        <span title={`${count(entry.sizeBytes)} bytes`}>{size}</span>
      </Fact>
      <Fact name="Version">
        <code>{entry.version}</code>
      </Fact>
      <Fact name="Created">
        <Moment at={createdAt} />
      </Fact>
      <Fact name="Updated">
        <Moment at={updatedAt} />
      </Fact>
      <Fact name="Expires">{expiresAt === undefined ? 'never' : <Moment at={expiresAt} />}</Fact>
      {meta !== undefined && (
        <Fact name="Metadata">
          <code>{JSON.stringify(meta)}</code>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Moment({ at }: { readonly at: number }) {
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={exactTime(at)}>
      {relativeTime(at)}
    </time>
  );
}
