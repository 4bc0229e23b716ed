import { AppError } from '../../../../domain/errors.js';

const MULTIPART = /^\s*multipart\/form-data\s*(?:;|$)/i;
const BOUNDARY = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i;
const NAME = /^content-disposition:[^\r\n]*;\s*name="([^"\r\n]*)"/im;
const HEADER_END = '\r\n\r\n';

/** Whether a body is a form of parts, by its content type. */
export function isMultipart(contentType: string | undefined): boolean {
  return contentType !== undefined && MULTIPART.test(contentType);
}

/** The parts of a form (RFC 7578) by name, each as the bytes that were sent. Throws `invalid`. */
export function readMultipart(body: Buffer, contentType: string): ReadonlyMap<string, Buffer> {
  const [, quoted, plain] = BOUNDARY.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw invalid('its Content-Type has no boundary');
  const parts = new Map<string, Buffer>();
  const delimiter = `\r\n--${boundary}`;
  // The first delimiter has no line before it, unless there is a preamble.
  let at = body.indexOf(delimiter.slice(2)) === 0 ? delimiter.length - 2 : endOf(body, delimiter, 0);
  while (body.toString('latin1', at, at + 2) !== '--') {
    const lineEnd = endOf(body, '\r\n', at);
    // A part without headers has no name.
    const start = endOf(body, HEADER_END, lineEnd - 2);
    const name = NAME.exec(body.toString('utf8', lineEnd, start))?.[1];
    if (name === undefined) throw invalid('a part has no name');
    if (parts.has(name)) throw invalid(`it has two parts "${name.slice(0, 100)}"`);
    const end = endOf(body, delimiter, start - 2);
    parts.set(name, body.subarray(start, Math.max(start, end - delimiter.length)));
    at = end;
  }
  return parts;
}

/** The position after the next occurrence of the text. */
function endOf(body: Buffer, text: string, from: number): number {
  const found = body.indexOf(text, from);
  if (found < 0) throw invalid('it ends too early');
  return found + Buffer.byteLength(text);
}

function invalid(why: string): AppError {
  return new AppError('invalid', `The body must be multipart/form-data: ${why}`);
}
