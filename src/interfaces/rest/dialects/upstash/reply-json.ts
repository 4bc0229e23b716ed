import type { Reply } from '../../../redis-commands/reply.js';

/** How replies show bytes: as texts, in which bytes that are no UTF-8 are lost, or in base64. */
export type Encoding = 'utf8' | 'base64';

/** A reply as an object with the member `result` or `error`. */
export function replyJson(reply: Reply, encoding: Encoding): string {
  if (reply.type === 'error') return JSON.stringify({ error: `${reply.code} ${reply.message}` });
  return `{"result":${resultJson(reply, encoding)}}`;
}

function resultJson(reply: Reply, encoding: Encoding): string {
  switch (reply.type) {
    case 'null':
    case 'nullArray':
      return 'null';
    case 'integer':
    case 'double':
      return String(reply.value);
    case 'simple':
      // Clients take `OK` for itself, and decode every other text.
      return reply.text === 'OK' ? '"OK"' : textJson(Buffer.from(reply.text), encoding);
    case 'bulk':
      return textJson(reply.bytes, encoding);
    case 'error':
      return textJson(Buffer.from(`${reply.code} ${reply.message}`), encoding);
    case 'array':
      return `[${reply.items.map((item) => resultJson(item, encoding)).join(',')}]`;
    case 'map':
      return `[${reply.entries.flatMap((pair) => pair.map((item) => resultJson(item, encoding))).join(',')}]`;
  }
}

function textJson(bytes: Uint8Array, encoding: Encoding): string {
  return JSON.stringify(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(encoding));
}
