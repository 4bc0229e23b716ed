import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Entry } from '../../src/domain/entry.js';
import { AppError } from '../../src/domain/errors.js';
import { keyProblem } from '../../src/domain/key.js';
import { MalformedDataError } from '../../src/infrastructure/files/storage-errors.js';
import { itemText } from '../../src/infrastructure/storage/building-blocks/entry-json/item-text.js';
import { StoreScanner } from '../../src/infrastructure/storage/building-blocks/entry-json/store-scanner.js';
import {
  decodeRecord,
  encodeRecord,
  readHeader,
  verifyRecord,
} from '../../src/infrastructure/storage/building-blocks/entry-record.js';
import type { FrameChange } from '../../src/infrastructure/storage/building-blocks/journal/change-frame.js';
import { OrderedTable } from '../../src/infrastructure/storage/building-blocks/ordered-table.js';
import { applyChanges } from '../../src/infrastructure/storage/engines/json-file/open-files.js';
import { readLine, readTextJournal } from '../../src/infrastructure/storage/engines/json-file/text-journal.js';
import { readPlacement, writePlacement } from '../../src/infrastructure/storage/placement/files/stored-placement.js';
import type { Placement } from '../../src/infrastructure/storage/placement/placement.js';
import { textJournalLine } from '../harness/text-journal-line.js';
import { mutated } from './generators/mutation.js';
import { entries } from './generators/stored-entries.js';
import { checkAsyncProperty, checkProperty, seeded } from './harness/properties.js';

const TOKENS = ['{', '}', '"', ',', ':', '\\', '\\ud800', 'null', 'NaN', '-Infinity', '1e999', '\n', ' ', '\u0000'];
const MEMBERS = [
  '"value": ',
  '"encoding": "base64", ',
  '"encoding": "text", ',
  '"version": "0", ',
  '"expires_at": -1, ',
  '"x": {}, ',
];

describe(seeded('Parsers of stored data'), () => {
  it('never accept a damaged record', () => {
    const damaged = entries.chain((entry) =>
      fc.tuple(fc.constant(entry), mutated(fc.constant(encodeRecord(entry)), ['\u0000', '\u0001'])),
    );
    checkProperty(20_000, damaged, ([entry, record]) => {
      const isSame = record.equals(encodeRecord(entry));
      for (const read of [decodeRecord, verifyRecord]) {
        if (isSame) read(entry.key, record);
        else expect(() => read(entry.key, record)).to.throw(AppError, /stored record/);
      }
    });
  });

  it('never read beyond the end of a record, even with a forged checksum', () => {
    const forged = fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ minLength: 21, maxLength: 60 })).map((parts) => {
      const [format, bytes] = parts;
      const record = Buffer.concat([Buffer.of(format), bytes, Buffer.alloc(4)]);
      record.writeUInt32LE(crc32(record.subarray(0, -4), crc32('k')), record.length - 4);
      return record;
    });
    checkProperty(20_000, forged, (record) => {
      for (const read of [decodeRecord, verifyRecord, readHeader]) {
        try {
          read('k', record);
        } catch (error) {
          expect(error).to.be.instanceOf(AppError);
        }
      }
    });
  });

  it('never accept a damaged line of a journal', () => {
    const lines = entries.map((entry) => textJournalLine([{ key: entry.key, entry }]).subarray(0, -1));
    const damaged = lines.chain((line) =>
      fc.tuple(fc.constant(line), mutated(fc.constant(line), [...TOKENS, ...MEMBERS])),
    );
    checkProperty(20_000, damaged, ([line, other]) => {
      expect(readLine(other) !== undefined).to.equal(other.equals(line));
    });
  });

  it('read a line with a correct checksum, or report what is wrong with it', () => {
    const line = (all: Entry[]) => textJournalLine(all.map((entry) => ({ key: entry.key, entry })));
    const bodies = fc.array(entries, { maxLength: 3 }).map((all) => line(all).subarray(9, -1));
    checkProperty(20_000, mutated(bodies, [...TOKENS, ...MEMBERS]), (body) => {
      const checksum = Buffer.from(`${crc32(body).toString(16).padStart(8, '0')} `);
      const changes: FrameChange[] = [];
      const error = thrown(() => changes.push(...(readLine(Buffer.concat([checksum, body])) ?? [])));
      if (error !== undefined) expect(error).to.be.instanceOf(MalformedDataError);
      else expectSound(changes, body);
    });
  });

  it('read a store file as JSON.parse does, in whatever pieces, or report what is wrong with it', () => {
    const files = fc
      .tuple(fc.uniqueArray(entries, { maxLength: 4, selector: ({ key }) => key }), fc.constantFrom('', '\n', '\r\n\t'))
      .map(([all, space]) =>
        Buffer.from(`{${space}${all.map((entry) => itemText(entry, false)).join(`,${space}`)}${space}}${space}`),
      );
    const damaged = mutated(files, [...TOKENS, ...MEMBERS]);
    checkProperty(
      20_000,
      fc.tuple(damaged, fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 5 })),
      ([bytes, sizes]) => {
        const whole = scanned(bytes, []);
        expect(scanned(bytes, sizes)).to.deep.equal(whole);
        if (Array.isArray(whole)) expectSound(whole, bytes);
      },
    );
  });

  it('read a damaged journal up to some line, or refuse it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const path = join(folder, 'journal');
    const batches = fc.array(fc.array(entries, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 });
    const damaged = batches.chain((all) => {
      const lines = all.map((batch) =>
        textJournalLine([...new Map(batch.map((entry) => [entry.key, { key: entry.key, entry }])).values()]),
      );
      return fc.tuple(fc.constant(all), mutated(fc.constant(Buffer.concat(lines)), TOKENS, ['flip', 'insert', 'cut']));
    });
    await checkAsyncProperty(1000, damaged, async ([all, journal]) => {
      await writeFile(path, journal);
      const table = new OrderedTable();
      const error = await readTextJournal(path, (changes) => applyChanges(table, changes)).then(
        () => undefined,
        (it: unknown) => it,
      );
      if (error !== undefined) expect(error).to.be.instanceOf(AppError).with.property('code', 'unavailable');
      else expect(prefixesOf(all)).to.deep.include(contentOf(table));
    });
    await rm(folder, { recursive: true });
  });

  it('read a damaged placement only if its members are well-formed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const placement = placementOf();
    await writePlacement(folder, 'p', placement);
    const text = Buffer.from(`${JSON.stringify(placement, null, 2)}\n`);
    const words = [
      'null',
      'true',
      '"',
      ',',
      '{',
      '}',
      '[]',
      '"deleted": true,',
      '"__proto__": {},',
      '-',
      '9',
      '1e9',
      '\\',
    ];
    await checkAsyncProperty(1000, mutated(fc.constant(text), words), async (bytes) => {
      await writeFile(join(folder, 'p.placement.json'), bytes);
      const found = await readPlacement(folder, 'p').catch((it: unknown) => it);
      if (found instanceof Error) expect(found).to.be.instanceOf(AppError).with.property('code', 'unavailable');
      else {
        const { generation, version_floor, engine } = found as Placement;
        expect(Number.isSafeInteger(generation) && generation > 0).to.equal(true);
        expect(Number.isSafeInteger(version_floor) && version_floor >= 0).to.equal(true);
        expect(engine).to.be.a('string').that.is.not.empty;
      }
    });
    await rm(folder, { recursive: true });
  });
});

function thrown(run: () => void): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The entries that a scanner reads from the bytes in pieces of these sizes, or the reason why it does not. */
function scanned(bytes: Buffer, sizes: readonly number[]): FrameChange[] | string {
  const found: FrameChange[] = [];
  const scanner = new StoreScanner(
    (key, entry) => found.push({ key, entry: entry && { ...entry, value: Buffer.from(entry.value) } }),
    false,
  );
  let rest: Buffer = Buffer.alloc(0);
  let from = 0;
  try {
    for (const size of [...sizes, bytes.length]) {
      rest = Buffer.concat([rest, bytes.subarray(from, from + size)]);
      from += size;
      rest = rest.subarray(scanner.scan(rest));
    }
  } catch (error) {
    if (!(error instanceof MalformedDataError)) throw error;
    return error.why;
  }
  return scanner.ended && rest.length === 0 ? found : 'cut off';
}

/** Expects that the entries can be stored, and are those that JSON.parse finds if it accepts the text. */
function expectSound(changes: readonly FrameChange[], text: Buffer): void {
  for (const { key, entry } of changes) {
    expect(keyProblem(key)).to.equal(undefined);
    if (entry !== undefined) expect(decodeRecord(key, encodeRecord(entry)).version).to.equal(entry.version);
  }
  if (/NaN|Infinity/.test(text.toString('latin1'))) return;
  const object = JSON.parse(text.toString()) as object;
  expect(Object.keys(object)).to.have.members([...new Set(changes.map(({ key }) => key))]);
}

/** The content after none, one, two … of the batches. */
function prefixesOf(batches: readonly (readonly Entry[])[]): unknown[] {
  const table = new OrderedTable();
  return [
    contentOf(table),
    ...batches.map((batch) => {
      table.apply({ put: [...new Map(batch.map((entry) => [entry.key, entry])).values()] });
      return contentOf(table);
    }),
  ];
}

function contentOf(table: OrderedTable): unknown {
  return table.scan({ limit: 1000 }).map((entry) => ({ ...entry, value: Buffer.from(entry.value).toString('latin1') }));
}

function placementOf(): Placement {
  const wish = { engine: 'lmdb', options: {} };
  return {
    ...wish,
    generation: 3,
    configured: wish,
    version_floor: 1_700_000_000_000_000,
    deleted: false,
    kept: [{ ...wish, generation: 2, until: 1_700_000_000_000, current: true }],
  };
}
