import type { IncomingMessage } from 'node:http';
import { AppError } from '../../domain/errors.js';

const EMPTY = Buffer.alloc(0);

/** The whole body. `too_large` as soon as it is announced or seen to be over the limit (bytes), without reading on. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const announced = request.headers['content-length'];
  if (announced !== undefined && Number(announced) > limit) return Promise.reject(tooLarge(limit, Number(announced)));
  if (announced === undefined && request.headers['transfer-encoding'] === undefined) return Promise.resolve(EMPTY);
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return Promise.reject(
      new AppError(
        'unsupported_media_type',
        `Content-Encoding "${encoding}" is not understood; send the body as it is`,
      ),
    );
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) {
        request.removeAllListeners('data');
        reject(tooLarge(limit, undefined));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length)));
    request.on('error', reject);
    request.on('close', () => reject(new AppError('invalid', 'The request ended before its body did')));
  });
}

function tooLarge(limit: number, sent: number | undefined): AppError {
  const what = sent === undefined ? 'more' : `${sent}`;
  return new AppError('too_large', `The body may have at most ${limit} bytes, ${what} were sent`, {
    details: { limit: 'max_value_bytes', limit_bytes: limit, ...(sent === undefined ? {} : { sent_bytes: sent }) },
  });
}
