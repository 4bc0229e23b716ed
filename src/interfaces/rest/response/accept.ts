/**
 * The values in a header such as Accept or Accept-Encoding, in lower case, with their quality from 0 (not wanted) to 1.
 */
export function qualitiesOf(field: string): ReadonlyMap<string, number> {
  return new Map(
    field
      .toLowerCase()
      .split(',')
      .map((part): [string, number] => {
        const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim());
        const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
        return [name, quality === undefined ? 1 : Number(quality) || 0];
      }),
  );
}

/**
 * Whether there is an Accept header that names this media type. A wildcard does not count, because most clients send
 * one.
 */
export function accepts(field: string | undefined, type: string): boolean {
  return field !== undefined && (qualitiesOf(field).get(type) ?? 0) > 0;
}
