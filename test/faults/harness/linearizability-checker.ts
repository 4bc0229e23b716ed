/** One operation on one key, as a client saw it. Times are of one monotonic clock. */
export interface Operation {
  readonly key: string;
  readonly kind: 'put' | 'get' | 'delete' | 'swap';
  /** What a put or swap stores. */
  readonly value?: string;
  /** What a swap expects; null: nothing there. */
  readonly expected?: string | null;
  /** What a get saw (null: nothing), or whether a swap or a delete did something. */
  readonly result?: string | null | boolean;
  readonly start: number;
  /** Infinite if its outcome is unknown: it may happen at any time after its start, or never. */
  readonly end: number;
}

type State = string | null;

/** The state after an operation; undefined if its result is impossible in this state. */
function step(state: State, { kind, value = '', expected, result, end }: Operation): State | undefined {
  const known = end !== Number.POSITIVE_INFINITY;
  switch (kind) {
    case 'put':
      return value;
    case 'get':
      return result === state ? state : undefined;
    case 'delete':
      return known && result !== (state !== null) ? undefined : null;
    case 'swap': {
      const fits = state === expected;
      if (known && result !== fits) return undefined;
      return fits ? value : known ? state : undefined;
    }
  }
}

/**
 * Why no order of the operations explains the results; undefined if one does. Checks each key alone, which is enough.
 */
export function linearizabilityProblem(history: readonly Operation[], maxSteps = 5_000_000): string | undefined {
  const byKey = new Map<string, Operation[]>();
  for (const operation of history) {
    const known = byKey.get(operation.key) ?? [];
    known.push(operation);
    byKey.set(operation.key, known);
  }
  for (const [key, operations] of byKey) {
    const problem = checkKey(operations, maxSteps);
    if (problem !== undefined) return `${key}: ${problem}`;
  }
  return undefined;
}

/** A choice of the search: the next operation, and the state before it. */
interface Choice {
  readonly index: number;
  readonly before: State;
}

/** Searches the possible orders depth first, never twice with the same set of operations and the same state. */
function checkKey(unsorted: readonly Operation[], maxSteps: number): string | undefined {
  const operations = [...unsorted].sort((a, b) => a.start - b.start);
  const placed = new Uint8Array(operations.length);
  const seen = new Set<string>();
  const choices: Choice[] = [];
  let state: State = null;
  let first = 0;
  let next = 0;
  let best = 0;
  for (let steps = 0; ; steps++) {
    if (steps > maxSteps) return 'not decided: too many orders';
    while (placed[first]) first += 1;
    const open = candidates(operations, placed, first);
    if (open.length === 0 || open.every((index) => operations[index]?.end === Number.POSITIVE_INFINITY)) {
      if (allKnownPlaced(operations, placed, first)) return undefined;
    }
    const index = open.find((it) => it >= next && tryPlace(it));
    if (index !== undefined) {
      next = 0;
      best = Math.max(best, choices.length);
      continue;
    }
    const last = choices.pop();
    if (last === undefined) return `no order explains more than ${best} of ${operations.length} operations`;
    placed[last.index] = 0;
    state = last.before;
    first = Math.min(first, last.index);
    next = last.index + 1;
  }

  function tryPlace(index: number): boolean {
    const operation = operations[index] as Operation;
    const after = step(state, operation);
    if (after === undefined) return false;
    // An operation of unknown outcome that would change nothing can be left out.
    if (operation.end === Number.POSITIVE_INFINITY && after === state) return false;
    placed[index] = 1;
    const memory = `${after}|${setOf(placed, first)}`;
    if (seen.has(memory)) {
      placed[index] = 0;
      return false;
    }
    seen.add(memory);
    choices.push({ index, before: state });
    state = after;
    return true;
  }
}

/** Operations that may come next: those that began before any other one ended. */
function candidates(operations: readonly Operation[], placed: Uint8Array, first: number): number[] {
  const open: number[] = [];
  let earliestEnd = Number.POSITIVE_INFINITY;
  for (let i = first; i < operations.length; i++) {
    const { start, end } = operations[i] as Operation;
    if (start > earliestEnd) break;
    if (placed[i]) continue;
    open.push(i);
    earliestEnd = Math.min(earliestEnd, end);
  }
  return open.filter((i) => (operations[i] as Operation).start <= earliestEnd);
}

function allKnownPlaced(operations: readonly Operation[], placed: Uint8Array, first: number): boolean {
  return operations.every(({ end }, i) => i < first || placed[i] === 1 || end === Number.POSITIVE_INFINITY);
}

/** The placed operations, in few characters: all before `first`, and few after it. */
function setOf(placed: Uint8Array, first: number): string {
  let text = `${first}`;
  for (let i = first; i < placed.length; i++) if (placed[i]) text += `,${i - first}`;
  return text;
}
