import { expect } from 'chai';
import fc from 'fast-check';
import { AppError } from '../../src/domain/errors.js';
import type { ExportedEntry } from '../../src/domain/export/export-line.js';
import { keyProblem } from '../../src/domain/key.js';
import { detectFormat } from '../../src/interfaces/cli/transfer/formats/detect-format.js';
import { EXPORT_FORMATS, FORMAT_NAMES, type FormatName } from '../../src/interfaces/cli/transfer/formats/format.js';
import { formats } from '../../src/interfaces/cli/transfer/formats/formats.js';
import { formatEntries } from './generators/format-entries.js';
import { mutated } from './generators/mutation.js';
import { checkAsyncProperty, checkProperty, seeded } from './harness/properties.js';

const SAMPLES: Readonly<Partial<Record<FormatName, string>>> = {
  json: '{"a": 1.0, "b": "x",\n "c": {"$portkv": {"content_type": "a/b", "base64": "AA==", "expires_at": 5}}}',
  csv: 'key,value,encoding,content_type,expires_at\r\na,"b ""c""\r\n",,text/plain,5\r\nd,AA==,base64,,\r\n',
  tsv: 'key\tvalue\tencoding\na\t1.0\t\nb\tAA==\tbase64\n',
  dotenv: '# x\nA=1\nexport B="two\\n#\nlines" # x\nC=\'$A\'\n',
  wrangler: '[{"key":"a","value":"b","expiration":5},\n{"key":"c","value":"AA==","base64":true,"expiration_ttl":9}]',
  consul: '[\n{"key":"a","flags":0,"value":"AA=="},{"key":"b/","flags":0,"value":""}\n]',
  'redis-json': '[{\n"a":"b",\n"c":["d"]}]',
  keyv: '{"key":"keyv:a","value":"{\\"value\\":1.0,\\"expires\\":5}"}\n{"key":"b","value":{"value":[]}}\n',
  'simple-pykv': '{"a": {"created_at": 1, "updated_at": 2, "size_bytes": 3, "value": {"b": [NaN, 1.0]}}}',
  ndjson: '{"format":"portkv-export","version":1}\n{"key":"a","json":1.0}\n{"key":"b","text":"c"}\n',
};
const TOKENS = ['{', '}', '[', ']', '"', "'", ',', ':', '\\', '\\ud800', '\t', '\r\n', '\n', '=', '#', 'key', 'value'];
const MORE_TOKENS = ['null', 'NaN', '1e999', '-1', '"key":1,', '"key":"",', '"__proto__":{},', '\ufeff', ' ', '\u0000'];

describe(seeded('Formats of files'), () => {
  for (const name of EXPORT_FORMATS.filter((format) => formats[format].writer !== undefined)) {
    it(`read as ${name} what was written as ${name}: keys, values, types and expiry`, async () => {
      await checkAsyncProperty(1500, fc.tuple(formatEntries, sizes), async ([entries, lengths]) => {
        const file = written(name, entries);
        expect((await read(name, cut(file, lengths))).map(kept)).to.deep.equal(entries.map(kept));
        if (entries.length > 0) expect(detectFormat('-', file)).to.equal(name);
      });
    });
  }

  for (const name of FORMAT_NAMES) {
    it(`read a damaged file as ${name} as entries that can be stored, or name the line of a mistake`, async () => {
      const samples = fc.constant(Buffer.from(SAMPLES[name] ?? ''));
      const inputs = fc.tuple(mutated(samples, [...TOKENS, ...MORE_TOKENS]), sizes);
      await checkAsyncProperty(3000, inputs, async ([bytes, lengths]) => {
        const found = await read(name, cut(bytes, lengths)).catch((error: unknown) => error);
        if (!Array.isArray(found)) {
          expect(found).to.be.instanceOf(AppError).with.property('code', 'invalid');
          expect((found as AppError).message).to.match(/^Line [1-9]\d*: /);
          return;
        }
        for (const { key, contentType, expiresAt = 0 } of found as ExportedEntry[]) {
          expect(keyProblem(key)).to.equal(undefined);
          expect(contentType).to.match(/^[^\x00-\x1f\x7f]+$/);
          expect(Number.isSafeInteger(expiresAt) && expiresAt >= 0).to.equal(true);
        }
        // In whatever pieces it arrives, it is the same.
        expect(await read(name, [bytes])).to.deep.equal(found);
      });
    });
  }

  it('are found, or asked for, whatever a file is', () => {
    const samples = fc.constantFrom(...Object.values(SAMPLES)).map((text) => Buffer.from(text));
    checkProperty(5000, mutated(samples, [...TOKENS, ...MORE_TOKENS]), (bytes) => {
      try {
        expect(FORMAT_NAMES).to.include(detectFormat('-', bytes));
      } catch (error) {
        expect(error).to.be.instanceOf(AppError).with.property('code', 'invalid');
      }
    });
  });
});

const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 20 });

async function read(name: FormatName, pieces: readonly Buffer[]): Promise<ExportedEntry[]> {
  const found: ExportedEntry[] = [];
  const chunks = (async function* () {
    yield* pieces;
  })();
  for await (const { entry } of formats[name].read(chunks, { now: 1_700_000_000_000, verify: false }))
    found.push(entry);
  return found;
}

function written(name: FormatName, entries: readonly ExportedEntry[]): Buffer {
  const { writer } = formats[name];
  if (writer === undefined) throw new Error(`${name} is not written`);
  return Buffer.from(writer.head + entries.map((entry, i) => writer.entry(entry, i)).join('') + writer.tail);
}

/** What every format keeps of an entry. */
function kept({ key, value, contentType, expiresAt, meta }: ExportedEntry): object {
  return { key, value: Buffer.from(value).toString('base64'), contentType, expiresAt, meta };
}

function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...pieces, bytes.subarray(at)];
}
