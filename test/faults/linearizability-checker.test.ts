import { expect } from 'chai';
import { linearizabilityProblem, type Operation } from './harness/linearizability-checker.js';

const NEVER = Number.POSITIVE_INFINITY;

function put(value: string, start: number, end: number): Operation {
  return { key: 'k', kind: 'put', value, start, end };
}
function get(result: string | null, start: number, end: number): Operation {
  return { key: 'k', kind: 'get', result, start, end };
}
function swap(expected: string | null, value: string, result: boolean, start: number, end: number): Operation {
  return { key: 'k', kind: 'swap', expected, value, result, start, end };
}
function remove(result: boolean, start: number, end: number): Operation {
  return { key: 'k', kind: 'delete', result, start, end };
}

const LINEAR: Readonly<Record<string, Operation[]>> = {
  'nothing at all': [],
  'a value that was put': [put('a', 0, 1), get('a', 2, 3)],
  'the old or the new value during a put': [put('a', 0, 9), get(null, 1, 2), get('a', 3, 4), get('a', 5, 6)],
  'one winner of two swaps': [put('a', 0, 1), swap('a', 'b', true, 2, 5), swap('a', 'c', false, 2, 5), get('b', 6, 7)],
  'a removal that returns what was there': [remove(false, 0, 1), put('a', 2, 3), remove(true, 4, 5), get(null, 6, 7)],
  'an unknown put that happened': [put('a', 0, NEVER), get('a', 5, 6)],
  'an unknown put that never happened': [put('a', 0, NEVER), get(null, 5, 6)],
  'an unknown put that happened late': [put('a', 0, NEVER), get(null, 5, 6), get('a', 7, 8)],
  'an unknown swap that happened': [put('a', 0, 1), swap('a', 'b', false, 2, NEVER), get('b', 4, 5)],
};

const BROKEN: Readonly<Record<string, Operation[]>> = {
  'a value that was never put': [get('x', 0, 1)],
  'a stale read': [put('a', 0, 1), put('b', 2, 3), get('a', 4, 5)],
  'a lost write': [put('a', 0, 1), get(null, 2, 3)],
  'a value that goes back': [put('a', 0, 9), get('a', 1, 2), get(null, 3, 4)],
  'two winners': [put('a', 0, 1), swap('a', 'b', true, 2, 5), swap('a', 'c', true, 2, 5)],
  'a swap that fails without a cause': [put('a', 0, 1), swap('a', 'b', false, 2, 3)],
  'two creators': [swap(null, 'x', true, 0, 1), swap(null, 'y', true, 2, 3)],
  'two removals of one value': [put('a', 0, 1), remove(true, 2, 4), remove(true, 2, 4)],
  'an unknown put that is taken back': [put('a', 0, NEVER), get('a', 5, 6), get(null, 7, 8)],
  'an unknown put before it began': [get('a', 0, 1), put('a', 2, NEVER)],
  'an unknown put that happens twice': [
    put('a', 0, NEVER),
    get('a', 2, 3),
    put('b', 4, 5),
    get('b', 6, 6.5),
    get('a', 7, 8),
  ],
  'an unknown swap from another value': [put('c', 0, 1), swap('a', 'b', false, 2, NEVER), get('b', 4, 5)],
};

describe('The linearizability checker', () => {
  for (const [title, history] of Object.entries(LINEAR)) {
    it(`accepts ${title}`, () => expect(linearizabilityProblem(history)).to.equal(undefined));
  }
  for (const [title, history] of Object.entries(BROKEN)) {
    it(`finds ${title}`, () => expect(linearizabilityProblem(history)).to.be.a('string'));
  }
});
