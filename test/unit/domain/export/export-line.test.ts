import { expect } from 'chai';
import fc from 'fast-check';
import type { Entry } from '../../../../src/domain/entry.js';
import type { ExportedEntry } from '../../../../src/domain/export/export-line.js';
import { readExportLine } from '../../../../src/domain/export/read-line.js';
import { entryLine, headerLine, trailerLine } from '../../../../src/domain/export/write-line.js';
import { MAX_CONTENT_TYPE_BYTES, MAX_EXPIRES_AT } from '../../../../src/domain/limits.js';
import { entryOf, errorOf } from '../entry-fixture.js';

const read = (line: string) => readExportLine(Buffer.from(line));

/** The member of a line that has the value. */
function formIn(line: string): string {
  return ['json', 'text', 'base64'].filter((name) => Object.hasOwn(JSON.parse(line), name)).join();
}

function withoutVersion({ version: _, ...entry }: Entry): ExportedEntry {
  return entry;
}

describe('The line of an entry', () => {
  const forms: Readonly<Record<string, readonly (string | Uint8Array)[]>> = {
    json: [
      '1',
      '{"a":[1.50, "é"]}',
      '106242075399214372653',
      '1e400',
      '-0',
      'null',
      '"\\ud800"',
      `${'['.repeat(64)}${']'.repeat(64)}`,
    ],
    text: [
      '',
      'text',
      ' {"a":1}',
      '{"a":1}\n',
      '{"a":\n1}',
      '{"a":1',
      '\ufeffx',
      `${'['.repeat(65)}${']'.repeat(65)}`,
      '\u0000',
      '"\\',
    ],
    base64: [Uint8Array.of(0xff, 0), Uint8Array.of(0xc3, 0x28), Buffer.alloc(100, 1)],
  };
  for (const [form, values] of Object.entries(forms)) {
    it(`keeps a value byte for byte, as ${form}`, () => {
      for (const value of values) {
        const entry = entryOf(value);
        const line = entryLine(entry);
        expect(formIn(line), JSON.stringify(Buffer.from(value).toString())).to.equal(form);
        expect(line.indexOf('\n')).to.equal(line.length - 1);
        expect(read(line)).to.deep.equal({ kind: 'entry', entry: withoutVersion(entry) });
      }
    });
  }

  it('uses base64 for text with many control characters, which would be much longer', () => {
    expect(formIn(entryLine(entryOf(Buffer.alloc(5000, 1))))).to.equal('base64');
    expect(formIn(entryLine(entryOf('\u0001')))).to.equal('text');
  });

  it('keeps key, type, metadata and times', () => {
    const times = { createdAt: 1, updatedAt: 1_800_000_000_123, expiresAt: MAX_EXPIRES_AT };
    const meta = '{"n":1.0,"json":{"key":"é"},"meta":[]}';
    const entry = entryOf('1', { meta, key: 'é"\\\n\u0000😀', contentType: 'a/"b\\c"; d=é', ...times });
    expect(read(entryLine(entry))).to.deep.equal({ kind: 'entry', entry: withoutVersion(entry) });
    expect(JSON.parse(entryLine(entryOf('1', { version: 36 ** 3 }))).version).to.equal('1000');
  });

  it('may lack type and times, and gets the default type of its value', () => {
    const types = {
      '"json":1': 'application/json',
      '"text":"x"': 'text/plain; charset=utf-8',
      '"base64":"/w=="': 'application/octet-stream',
    };
    for (const [member, contentType] of Object.entries(types)) {
      const { entry } = read(`{"key":"k",${member}}`) as { entry: ExportedEntry };
      expect(entry).to.include({ key: 'k', contentType, createdAt: undefined, updatedAt: undefined });
      expect(entry).not.to.have.any.keys('expiresAt', 'meta');
    }
  });

  it('is read as it was written, for random entries', () => {
    const value = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(text)),
    );
    const time = fc.integer({ min: 0, max: MAX_EXPIRES_AT });
    const entries = fc.record({ value, createdAt: time, updatedAt: time, expiresAt: time });
    fc.assert(
      fc.property(entries, (members) => {
        const entry = entryOf(members.value, { ...members, value: Buffer.from(members.value) });
        expect(read(entryLine(entry))).to.deep.equal({ kind: 'entry', entry: withoutVersion(entry) });
      }),
      { numRuns: 500 },
    );
  });

  it('is refused if anything in it is wrong', () => {
    const lines: Readonly<Record<string, string>> = {
      'an unknown member': '{"key":"k","text":"","more":1}',
      'metadata that is no object': '{"key":"k","text":"","meta":[]}',
      '__proto__ as a member': '{"key":"k","text":"","__proto__":1}',
      'a key that is no string': '{"key":1,"text":""}',
      'an empty key': '{"key":"","text":""}',
      'a long key': `{"key":"${'k'.repeat(513)}","text":""}`,
      'a lone surrogate in the key': '{"key":"\\ud800","text":""}',
      'no value': '{"key":"k"}',
      'two values': '{"key":"k","text":"","json":1}',
      'text that is no string': '{"key":"k","text":1}',
      'a lone surrogate in the text': '{"key":"k","text":"\\udc00"}',
      'base64 that is no string': '{"key":"k","base64":1}',
      'base64 with a wrong character': '{"key":"k","base64":"/w=!"}',
      'base64 without padding': '{"key":"k","base64":"/w"}',
      'base64 with spare bits': '{"key":"k","base64":"/x=="}',
      'a type that is no string': '{"key":"k","text":"","content_type":1}',
      'a control character in the type': '{"key":"k","text":"","content_type":"a\\nb"}',
      'a long type': `{"key":"k","text":"","content_type":"${'t'.repeat(MAX_CONTENT_TYPE_BYTES + 1)}"}`,
      'a time before 1970': '{"key":"k","text":"","created_at":-1}',
      'a time that is no number': '{"key":"k","text":"","updated_at":"1"}',
      'a time after the year 9999': '{"key":"k","text":"","expires_at":253402300800}',
      'a time that is too large': '{"key":"k","text":"","expires_at":1e999}',
    };
    for (const [what, line] of Object.entries(lines)) {
      expect(errorOf('invalid', () => read(line)).message, what).not.to.equal('');
    }
  });
});

describe('The header of an export', () => {
  it('keeps project, time and range', () => {
    for (const range of [{}, { prefix: 'a/', after: 'a/b' }]) {
      const header = { project: 'p', at: 1_800_000_000_123, prefix: undefined, after: undefined, ...range };
      expect(read(headerLine(header))).to.deep.equal({ kind: 'header', header });
    }
  });

  it('may lack all but format and version', () => {
    const { header } = read('{"format":"portkv-export","version":1}') as { header: object };
    expect(header).to.deep.equal({ project: '', at: 0, prefix: undefined, after: undefined });
  });

  it('is refused with another format or version, or with wrong members', () => {
    for (const line of [
      '{"format":"other","version":1}',
      '{"format":"portkv-export"}',
      '{"format":"portkv-export","version":2}',
      '{"format":"portkv-export","version":"1"}',
      '{"format":"portkv-export","version":1,"created_at":"x"}',
      '{"format":"portkv-export","version":1,"prefix":1}',
      '{"format":"portkv-export","version":1,"after":null}',
    ]) {
      errorOf('invalid', () => read(line));
    }
  });
});

describe('The trailer of an export', () => {
  it('keeps count and checksum', () => {
    const trailer = { count: 3, sha256: 'ab' };
    expect(read(trailerLine(trailer))).to.deep.equal({ kind: 'trailer', trailer });
  });

  it('is refused with wrong or more members', () => {
    for (const line of [
      '{}',
      '{"count":1}',
      '{"count":1.5,"sha256":""}',
      '{"count":1,"sha256":1}',
      '{"count":1,"sha256":"","x":1}',
    ]) {
      errorOf('invalid', () => read(line));
    }
  });
});

describe('A line of an export', () => {
  it('is refused if it is no JSON object in UTF-8', () => {
    errorOf('invalid', () => readExportLine(Buffer.from([0x22, 0xff, 0x22])));
    for (const line of ['', 'x', '{', '[]', '1', 'null', '"x"', '{"key":"k","text":""} x']) {
      errorOf('invalid', () => read(line));
    }
    const deep = (levels: number) => `{"key":"k","json":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(read(deep(64)).kind).to.equal('entry');
    errorOf('invalid', () => read(deep(65)));
  });
});
