import { expect } from 'chai';
import fc from 'fast-check';
import { AppError } from '../../src/domain/errors.js';
import { compareKeys, keyProblem } from '../../src/domain/key.js';
import { generatedKeyId, generateKey } from '../../src/infrastructure/security/generated-key.js';
import { normalizeTarget, originForm } from '../../src/interfaces/rest/connection/request-line.js';
import { cursorOf, readCursor } from '../../src/interfaces/rest/entries/list-cursor.js';
import { conditionsOf } from '../../src/interfaces/rest/request/preconditions.js';
import { integer, keys, parseQuery, text } from '../../src/interfaces/rest/routing/query-parameters.js';
import { mutated } from './generators/mutation.js';
import { checkProperty, seeded } from './harness/properties.js';

describe(seeded('Parsers of parts of a request'), () => {
  it('accept exactly valid keys, and order them as their bytes', () => {
    const strings = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc
        .array(fc.constantFrom('\ud83d', '\ude00', '\u{10ffff}', '\ue000', 'a', '\u0000'), { maxLength: 300 })
        .map((all) => all.join('')),
      fc
        .tuple(fc.constantFrom('a', 'é', '€', '\u{1f600}'), fc.integer({ min: 100, max: 600 }))
        .map(([unit, n]) => unit.repeat(n)),
    );
    checkProperty(20_000, fc.tuple(strings, strings), ([a, b]) => {
      const bytes = Buffer.from(a);
      const isKey = bytes.length >= 1 && bytes.length <= 512 && bytes.toString() === a;
      expect(keyProblem(a) === undefined).to.equal(isKey);
      if (!a.isWellFormed() || !b.isWellFormed()) return;
      expect(Math.sign(compareKeys(a, b))).to.equal(Buffer.compare(bytes, Buffer.from(b)));
    });
  });

  it('accept only cursors that the server made', () => {
    const places = fc.tuple(
      fc.constantFrom('p', 'other'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
    );
    const cursors = places.map(([project, after]) => Buffer.from(cursorOf(project, after)));
    checkProperty(20_000, mutated(cursors, ['=', '>', 'A', '_', '-', '+', '/', ' ', 'é']), (cursor) => {
      refusedOr(() => {
        const after = readCursor('p', cursor.toString('latin1'));
        expect(cursorOf('p', after)).to.equal(cursor.toString('latin1'));
      });
    });
  });

  it('read If-Match and If-None-Match, or refuse them', () => {
    const fields = fc
      .array(fc.constantFrom('"abc"', 'W/"x"', '*', '""', '"1z141z4"'), { maxLength: 5 })
      .map((all) => Buffer.from(all.join(', ')));
    checkProperty(
      20_000,
      mutated(fields, ['"', ',', 'W/', ' ', '\t', '*', '""', ',,', '"zzzzzzzzzzz"', '\u0000']),
      (bytes) => {
        const field = bytes.toString('latin1');
        refusedOr(() => {
          const { ifMatch, ifNoneMatch } = conditionsOf({ 'if-match': field, 'if-none-match': field });
          const quotes = [...field].filter((char) => char === '"').length;
          expect(ifMatch).to.satisfy((set: unknown) => set === '*' || (set as unknown[]).length * 2 === quotes);
          expect(ifNoneMatch === '*').to.equal(ifMatch === '*');
        });
      },
    );
  });

  it('read a query as URLSearchParams does, or refuse it', () => {
    const known = { prefix: text('a prefix'), key: keys('keys'), limit: integer('how many', 1, 1000) };
    const queries = fc
      .constantFrom('prefix=a%2Fb&key=x&key=y&limit=10', 'key=%F0%9F%98%80+x', 'limit=1000', 'prefix')
      .map((query) => Buffer.from(query));
    const tokens = ['&', '=', '%', '%00', '%C3', '%c3%A9', '+', 'key=', 'limit=', '__proto__=1', '%ED%A0%80', 'prefix'];
    checkProperty(20_000, mutated(queries, tokens, ['flip', 'insert', 'remove', 'repeat', 'move', 'cut']), (bytes) => {
      const query = bytes.toString('latin1').replaceAll(/[^\x21-\x7e]|#/g, '');
      refusedOr(() => {
        const read = parseQuery(known, query);
        const wanted = new URLSearchParams(query);
        expect(read.prefix ?? null).to.equal(wanted.get('prefix'));
        expect(read.key ?? []).to.deep.equal(wanted.getAll('key'));
        expect(read.limit ?? null).to.equal(wanted.has('limit') ? Number(wanted.get('limit')) : null);
      });
    });
  });

  it('take the path and query of a target in absolute form, or refuse it', () => {
    const targets = fc
      .tuple(fc.webAuthority({ withIPv4: true, withIPv6: true, withPort: true, withUserInfo: true }), fc.webPath())
      .map(([authority, path]) => Buffer.from(`http://${authority}${path}`));
    checkProperty(20_000, mutated(targets, ['@', ':', '//', '[', ']', '?', '%', 'HTTPS://']), (bytes) => {
      refusedOr(() => {
        const url = bytes.toString('latin1');
        const target = originForm({ method: 'GET', url });
        const [scheme = ''] = /^https?:\/\/|/i.exec(url) ?? [];
        const authority = url.slice(scheme.length).split(/[/?#]/, 1)[0] as string;
        const rest = url.slice(scheme.length + authority.length);
        if (scheme === '') expect(target).to.equal(url);
        else expect(target).to.equal(rest === '' || rest.startsWith('?') ? `/${rest}` : rest);
        if (scheme !== '') expect(authority).to.match(/^[^@]+$/);
      });
    });
  });

  it('turn a target into equivalent ASCII, or refuse it', () => {
    const targets = fc.string({ unit: 'grapheme', maxLength: 30 }).map((path) => Buffer.from(`/${path}`));
    checkProperty(20_000, mutated(targets, ['%', '\u00ff', '/', '%ff']), (bytes) => {
      refusedOr(() => {
        const target = normalizeTarget(bytes.toString('latin1'));
        expect(target).to.match(/^[\x00-\x7f]*$/);
        const raw = target.replaceAll(/%[89A-F][0-9A-F](?:%[89A-F][0-9A-F])*/g, (run) =>
          bytes.includes(run) ? run : decodeURIComponent(run),
        );
        expect(raw).to.equal(bytes.toString());
      });
    });
  });

  it('accept a generated API key, but not a damaged one', () => {
    const { keyId, secret } = generateKey();
    checkProperty(20_000, mutated(fc.constant(Buffer.from(secret)), ['pkv_', '_', '-', 'a', ' ', '\n']), (bytes) => {
      expect(generatedKeyId(bytes.toString('latin1'))).to.equal(
        bytes.toString('latin1') === secret ? keyId : undefined,
      );
    });
  });
});

function refusedOr(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).to.equal('invalid');
  }
}
