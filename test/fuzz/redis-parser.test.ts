import { expect } from 'chai';
import fc from 'fast-check';
import { inlineArguments } from '../../src/interfaces/resp/protocol/inline-arguments.js';
import { ProtocolError } from '../../src/interfaces/resp/protocol/protocol-error.js';
import { RequestParser } from '../../src/interfaces/resp/protocol/request-parser.js';
import { WordTable } from '../../src/interfaces/resp/protocol/word-table.js';
import { encode } from '../harness/redis-connection.js';
import { checkProperty, seeded } from './harness/properties.js';

const LIMITS = { arguments: 50, argumentBytes: 1000, requestBytes: 2000 };
/** Words of which the parser makes no views. */
const NAMES = new WordTable(['GET', 'a', '', '*'].map((name) => Buffer.from(name)));
const word = fc.oneof(
  fc.constantFrom('GET', 'a').map(Buffer.from),
  fc.string().map(Buffer.from),
  fc.uint8Array({ maxLength: 80 }).map(Buffer.from),
);
const command = fc.array(word, { minLength: 1, maxLength: 10 });
/** Where bytes are cut into pieces. */
const cuts = fc.array(fc.nat({ max: 2000 }), { maxLength: 12 });

describe(seeded('The parser of Redis requests'), () => {
  it('finds the words of every command, wherever the bytes are cut', () =>
    checkProperty(1000, fc.tuple(fc.array(command, { maxLength: 8 }), cuts), ([commands, at]) => {
      const bytes = Buffer.concat(commands.map(encode));
      const { found, error } = parse(piecesOf(bytes, at));
      expect(error).to.equal(undefined);
      expect(found.map((words) => words.map(String))).to.deep.equal(commands.map((words) => words.map(String)));
    }));

  it('finds the same in any bytes, wherever they are cut, or refuses them for the same reason', () =>
    checkProperty(3000, fc.tuple(anyBytes(), cuts), ([bytes, at]) => {
      const [whole, cut] = [parse([bytes]), parse(piecesOf(bytes, at))];
      expect(cut.error).to.equal(whole.error);
      expect(cut.found).to.deep.equal(whole.found);
    }));

  it('refuses exactly the commands that are beyond its limits', () => {
    const large = fc.array(fc.nat({ max: 1100 }), { minLength: 1, maxLength: 60 });
    checkProperty(1000, fc.oneof(large, fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 60 })), (lengths) => {
      const { found, error } = parse([encode(lengths.map((length) => Buffer.alloc(length)))]);
      const { arguments: most, argumentBytes, requestBytes } = LIMITS;
      const total = lengths.reduce((sum, length) => sum + length, 0);
      const isWithin = lengths.length <= most && Math.max(...lengths) <= argumentBytes && total <= requestBytes;
      expect([found.length, error === undefined]).to.deep.equal(isWithin ? [1, true] : [0, false]);
    });
  });

  it('finds words in a line as they were quoted', () =>
    checkProperty(1000, command, (words) => {
      const line = words.map(
        (one) => `"${[...one].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`,
      );
      expect(inlineArguments(Buffer.from(line.join(' '))).map(String)).to.deep.equal(words.map(String));
    }));
});

/** Requests with some of their bytes changed, and pieces of the protocol in any order. */
function anyBytes(): fc.Arbitrary<Buffer> {
  const piece = fc.oneof(
    fc.constantFrom(
      '*1\r\n',
      '*2\r\n',
      '*-1\r\n',
      '*0\r\n',
      '*99\r\n',
      '$3\r\nGET\r\n',
      '$0\r\n\r\n',
      '$-1\r\n',
      '\r\n',
      '\n',
    ),
    fc.constantFrom('GET a\r\n', '"a b"\r\n', "'", '"', '\\x', '*', '$', '1', 'x'.repeat(40)),
    fc.string({ maxLength: 6 }),
  );
  return fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.from(pieces.join('')));
}

function piecesOf(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set(at.filter((place) => place < bytes.length))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => Buffer.from(bytes.subarray(from, places[i])));
}

/** What a parser finds in pieces, up to an error. */
function parse(pieces: readonly Buffer[]): { found: Buffer[][]; error: string | undefined } {
  const parser = new RequestParser(() => LIMITS, NAMES);
  const found: Buffer[][] = [];
  try {
    for (const piece of pieces) {
      parser.push(piece);
      for (let words = parser.next(); words !== undefined; words = parser.next()) found.push(words);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { found, error: error.message };
  }
  return { found, error: undefined };
}
