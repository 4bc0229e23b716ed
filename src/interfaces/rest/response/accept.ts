/** What a header such as Accept or Accept-Encoding names, in lower case, with how much it is wanted: from 0, not at all, to 1. */
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

/** Whether an Accept header, if there is one, names this media type; `*` does not, for everybody sends that. */
export function accepts(field: string | undefined, type: string): boolean {
  return field !== undefined && (qualitiesOf(field).get(type) ?? 0) > 0;
}
