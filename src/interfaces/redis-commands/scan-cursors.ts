/** How many scans of one project can be under way; the one that was not used for longest ends first. */
const MAX_SCANS = 1000;
/** In how many projects at a time. */
const MAX_PROJECTS = 1000;

interface Position {
  /** The key from which the scan goes on. */
  readonly from: string;
  /** The cursor that led to this one. */
  readonly previous: string;
}

/**
 * The cursors of `SCAN`: numbers, because clients expect that. Each stands for a position between keys, so that a scan
 * returns every key that exists from its start to its end, whatever is removed meanwhile. A cursor is good until the
 * one after the next is issued, so that a request whose response was lost can be repeated.
 */
export class ScanCursors {
  readonly #projects = new Map<string, Map<string, Position>>();
  /** Below 2^53, because clients in JavaScript make numbers of them. It differs after a restart. */
  #last = Math.floor(Math.random() * 2 ** 48);

  /** Where a cursor goes on; undefined if it is not known. */
  find(project: string, cursor: string): string | undefined {
    return this.#projects.get(project)?.get(cursor)?.from;
  }

  /** The cursor after another one, which is `0` at the start of a scan. */
  issue(project: string, previous: string, from: string): string {
    const cursors = this.#projects.get(project) ?? new Map<string, Position>();
    const used = cursors.get(previous);
    if (used !== undefined) {
      cursors.delete(used.previous);
      // It was used last: it is to be the last to be dropped.
      cursors.delete(previous);
      cursors.set(previous, used);
    }
    this.#last = (this.#last + 1) % 2 ** 53 || 1;
    const cursor = String(this.#last);
    cursors.set(cursor, { from, previous });
    drop(cursors, 2 * MAX_SCANS);
    this.#projects.delete(project);
    this.#projects.set(project, cursors);
    drop(this.#projects, MAX_PROJECTS);
    return cursor;
  }
}

/** Drops what was set first, until `most` are left. */
function drop(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
