import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Cipher } from '../../src/application/ports/cipher.js';
import { readExport } from '../../src/application/transfer/read-export.js';
import { splitLines } from '../../src/application/transfer/split-lines.js';
import { AppError } from '../../src/domain/errors.js';
import { readExportLine } from '../../src/domain/export/read-line.js';
import { entryLine, headerLine, trailerLine } from '../../src/domain/export/write-line.js';
import { keyProblem } from '../../src/domain/key.js';
import { AesGcmCipher } from '../../src/infrastructure/security/aes-gcm-cipher.js';
import { readKeyring } from '../../src/infrastructure/security/keyring.js';
import { shaDigest } from '../../src/infrastructure/security/sha-digest.js';
import { readArchive, writeArchive } from '../../src/infrastructure/storage/snapshots/snapshot-archive.js';
import { recordFrom, recordText } from '../../src/infrastructure/storage/snapshots/snapshot-record.js';
import { mutated } from './generators/mutation.js';
import { entries } from './generators/stored-entries.js';
import { checkAsyncProperty, checkProperty, seeded } from './harness/properties.js';

const TOKENS = ['{', '}', '"', ',', ':', '\\', '\\ud800', 'null', '1e999', '\n', '\r', ' ', '\u0000', '-1', '[[[['];
const MEMBERS = [
  '"json":',
  '"text":"",',
  '"base64":"=",',
  '"key":"",',
  '"key":1,',
  '"format":"",',
  '"expires_at":-1,',
  '"__proto__":{},',
  '"count":0,"sha256":""',
];
const HEADER = { project: 'p', at: 1_700_000_000_000, prefix: 'a', after: undefined };

describe(seeded('Parsers of exports, snapshots and encrypted values'), () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('read each line of an export as it was written', () => {
    checkProperty(10_000, entries, (entry) => {
      const { version: _, ...wanted } = { ...entry, contentType: entry.contentType || 'text/plain' };
      expect(readExportLine(Buffer.from(entryLine({ ...wanted, version: entry.version })))).to.deep.equal({
        kind: 'entry',
        entry: wanted,
      });
    });
  });

  it('read a damaged line of an export as something that can be stored, or report what is wrong with it', () => {
    const lines = fc.oneof(
      entries.map((entry) => entryLine(entry)),
      fc.constantFrom(headerLine(HEADER), trailerLine({ count: 3, sha256: 'ab' })),
    );
    checkProperty(
      20_000,
      mutated(
        lines.map((line) => Buffer.from(line)),
        [...TOKENS, ...MEMBERS],
      ),
      (bytes) => {
        const read = thrownOr(() => readExportLine(bytes));
        if (read instanceof Error) {
          expect(read).to.be.instanceOf(AppError).with.property('code', 'invalid');
          return;
        }
        const { base64 } = JSON.parse(bytes.toString());
        if (read.kind !== 'entry') return;
        const { entry } = read;
        if (base64 !== undefined) expect(Buffer.from(entry.value).toString('base64')).to.equal(base64);
        expect(keyProblem(entry.key)).to.equal(undefined);
        expect(entry.contentType).not.to.match(/[\x00-\x1f\x7f]/);
        for (const time of [entry.createdAt, entry.updatedAt, entry.expiresAt]) {
          expect(time === undefined || (Number.isSafeInteger(time) && time >= 0)).to.equal(true);
        }
        // What was read can be written and read again.
        const whole = { createdAt: 0, updatedAt: 0, ...defined(entry), version: 1 };
        const again = readExportLine(Buffer.from(entryLine(whole as Parameters<typeof entryLine>[0])));
        expect(again).to.deep.equal({ kind: 'entry', entry: { createdAt: 0, updatedAt: 0, ...defined(entry) } });
      },
    );
  });

  it('split an export into the same lines, in whatever pieces it arrives', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 12 }).map(newlines), { maxLength: 8 });
    await checkAsyncProperty(5000, pieces, async (all) => {
      const whole = await collected(splitLines(from(all), 40));
      const split = Buffer.concat(all)
        .toString('latin1')
        .split(/(?<=\n)/);
      const wanted = split.filter((line) => line !== '');
      if (whole instanceof Error) expect(wanted.some((line) => line.length > 40)).to.equal(true);
      else expect(whole.map((line) => line.toString('latin1'))).to.deep.equal(wanted);
    });
  });

  it('never accept a damaged export', async () => {
    const exports = fc.uniqueArray(entries, { maxLength: 4, selector: ({ key }) => key }).map(exportOf);
    const damaged = exports.chain((text) =>
      fc.tuple(
        fc.constant(text),
        mutated(fc.constant(text), [...TOKENS, ...MEMBERS]),
        fc.array(fc.integer({ min: 1, max: 60 })),
      ),
    );
    await checkAsyncProperty(4000, damaged, async ([sound, bytes, sizes]) => {
      const read = await collected(readExport(from(cut(bytes, sizes)), shaDigest(), 1000));
      if (read instanceof Error) expect(read).to.be.instanceOf(AppError);
      else expect(withoutTrailer(bytes)).to.equal(withoutTrailer(sound));
    });
  });

  for (const encrypted of [false, true]) {
    it(`never accept a damaged snapshot, ${encrypted ? 'encrypted' : 'plain'}`, async () => {
      const cipher = encrypted ? await cipherOf() : undefined;
      const path = join(folder, 'snapshot');
      const content = Buffer.from('one line\nanother line\n'.repeat(20));
      const file = await open(path, 'w');
      const { sha256 } = await writeArchive(file, from([content]), cipher, 's');
      await file.close();
      const sound = await bytesOf(path);
      const bomb = gzipSync(Buffer.alloc(100_000));
      const damaged = fc.oneof(mutated(fc.constant(sound), ['\u001f\u008b\b', '\u0000']), fc.constantFrom(bomb));
      await checkAsyncProperty(1500, damaged, async (bytes) => {
        await writeFile(path, bytes);
        const read = await collected(readArchive(path, sha256, cipher, 's'));
        if (read instanceof Error) expect(read).to.be.instanceOf(AppError).with.property('code', 'unavailable');
        else expect(bytes.equals(sound) && Buffer.concat(read).equals(content)).to.equal(true);
      });
    });
  }

  it('read a damaged record of a snapshot only if its members are well-formed', () => {
    const record = {
      ...{ id: 's', createdAt: 1_700_000_000_000, engine: 'lmdb', reason: 'manual' as const },
      ...{ count: 3, bytes: 100, sha256: 'a'.repeat(64) },
    };
    const words = [...TOKENS, '"reason": "routine",', '"encryption": {},', '"count": -1,', 'true', '9'];
    checkProperty(2000, mutated(fc.constant(Buffer.from(recordText(record))), words), (bytes) => {
      const read = thrownOr(() => recordFrom('s', bytes.toString()));
      if (read instanceof Error) return;
      expect(read.sha256).to.match(/^[0-9a-f]{64}$/);
      for (const number of [read.count, read.bytes, read.createdAt]) expect(number).to.satisfy(Number.isInteger);
      expect(read.reason).to.be.oneOf(['manual', 'routine']);
    });
  });

  it('never decrypt a damaged value, or that of another entry', async () => {
    const cipher = await cipherOf();
    const sealed = entries.chain((entry) => {
      const it = cipher.encrypt(entry);
      return fc.tuple(fc.constant(it), mutated(fc.constant(Buffer.from(it.value)), ['\u0001', '\u0000']), entries);
    });
    const fresh = await cipherOf();
    checkProperty(5000, sealed, ([entry, bytes, { key, version }]) => {
      const changed = bytes.equals(entry.value) ? { ...entry, key, version } : { ...entry, value: bytes };
      const isSame = bytes.equals(entry.value) && key === entry.key && version === entry.version;
      const opened = thrownOr(() => fresh.decrypt(changed));
      if (!isSame) expect(opened).to.be.instanceOf(AppError).with.property('code', 'unavailable');
    });
  });

  it('read a file of encryption keys, or refuse it', async () => {
    const path = join(folder, 'keys');
    const line = () => randomBytes(32).toString('base64');
    const sound = Buffer.from(`new:${KEY}\n${line()}\nold_1:${line()}\n`);
    await checkAsyncProperty(
      3000,
      mutated(fc.constant(sound), [':', '=', 'new:', '\n', '\r\n', ' ', '\ufeff', 'é']),
      async (bytes) => {
        await writeFile(path, bytes);
        const ring = await readKeyring({ key_file: path }, folder).catch((error: unknown) => error as Error);
        if (ring instanceof Error) {
          expect(ring).to.be.instanceOf(AppError).with.property('code', 'unavailable');
          // The file is secret, and messages are logged.
          for (const part of bytes.toString().split(/[\s:]+/))
            if (part.length > 20) expect(ring.message).not.to.include(part);
          return;
        }
        expect(ring.keys.has(ring.current)).to.equal(true);
        for (const [id, key] of ring.keys) {
          expect(id).to.match(/^[A-Za-z0-9_-]{1,16}$/);
          // Two bits of the last character are not used.
          expect(bytes.toString()).to.include(key.export().toString('base64').slice(0, 42));
        }
      },
    );
  });

  const KEY = randomBytes(32).toString('base64');

  async function cipherOf(): Promise<Cipher> {
    const path = join(folder, 'key');
    await writeFile(path, `k:${KEY}`);
    return new AesGcmCipher('p', await readKeyring({ key_file: path }, folder));
  }
});

function exportOf(all: readonly Parameters<typeof entryLine>[0][]): Buffer {
  const lines = [headerLine(HEADER), ...all.map(entryLine)].join('');
  const digest = shaDigest();
  digest.update(Buffer.from(lines));
  return Buffer.from(lines + trailerLine({ count: all.length, sha256: digest.hex() }));
}

/** All but the last line, whose content is compared separately. */
function withoutTrailer(bytes: Buffer): string {
  const text = bytes.toString('latin1').trimEnd();
  return text.slice(0, text.lastIndexOf('\n'));
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<T>;
}

/** Turns about every fourth byte into a newline. */
function newlines(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte) => (byte % 4 === 0 ? 10 : byte)));
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...pieces, bytes.subarray(at)];
}

async function* from<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all;
}

async function collected<T>(all: AsyncIterable<T>): Promise<T[] | Error> {
  const found: T[] = [];
  try {
    for await (const one of all) found.push(one);
  } catch (error) {
    return error as Error;
  }
  return found;
}

async function bytesOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function thrownOr<T>(run: () => T): T | Error {
  try {
    return run();
  } catch (error) {
    return error as Error;
  }
}
