import { createServer } from 'node:net';

/**
 * The least that a server in JavaScript does for GET and SET by the Redis protocol: `node bare-redis.js PORT`. It takes
 * every command for one of whole words and checks nothing.
 */
const BUFFER_BYTES = 64 * 1024;
const [CR, LOWER, GET, SET] = [13, 32, 'g'.charCodeAt(0), 's'.charCodeAt(0)];
const values = new Map<string, string>();

createServer({ noDelay: true }, (socket) => {
  let out = Buffer.allocUnsafe(BUFFER_BYTES);
  let used = 0;
  let rest: Buffer = Buffer.alloc(0);
  const flush = () => {
    if (used === 0) return;
    socket.write(out.subarray(0, used));
    out = Buffer.allocUnsafe(BUFFER_BYTES);
    used = 0;
  };
  const reply = (text: string) => {
    used += out.write(text, used, 'latin1');
    if (used > BUFFER_BYTES / 2) flush();
  };
  const run = (bytes: Buffer, words: readonly number[]) => {
    const [name = 0, , key = 0, keyEnd = 0, value = 0, valueEnd = 0] = words;
    const first = (bytes[name] as number) | LOWER;
    if (first === GET) {
      const found = values.get(bytes.toString('latin1', key, keyEnd));
      reply(found === undefined ? '$-1\r\n' : `$${found.length}\r\n${found}\r\n`);
    } else {
      if (first === SET) values.set(bytes.toString('latin1', key, keyEnd), bytes.toString('latin1', value, valueEnd));
      reply('+OK\r\n');
    }
  };
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let end = 0;
    for (;;) {
      let at = end;
      const number = () => {
        let result = 0;
        for (at += 1; at < bytes.length && bytes[at] !== CR; at++) result = result * 10 + (bytes[at] as number) - 48;
        at += 2;
        return result;
      };
      const words: number[] = [];
      for (let count = number(); count > 0; count--) {
        const length = number();
        words.push(at, at + length);
        at += length + 2;
      }
      if (at > bytes.length) break;
      run(bytes, words);
      end = at;
    }
    rest = bytes.subarray(end);
    setImmediate(flush);
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
