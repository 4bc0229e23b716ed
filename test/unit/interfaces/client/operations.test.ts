import { expect } from 'chai';
import { isGuarded } from '../../../../src/interfaces/client/operations.js';

const put = { put: { key: 'a', value: 1 } };
const remove = { delete: { key: 'a' } };
const get = { get: { key: 'a' } };
const count = { increment: { key: 'n' } };
const absent = [{ key: 'a', absent: true }] as const;

describe('A transaction of unknown outcome', () => {
  it('may be sent again if a check fails once it has happened', () => {
    expect(isGuarded([put, count], absent)).to.equal(true);
    expect(isGuarded([put, get, count], [{ key: 'a', version: 'x' }])).to.equal(true);
    expect(isGuarded([remove, put, count], absent)).to.equal(true);
  });

  it('may not if its checks could hold again', () => {
    expect(isGuarded([put, count], [])).to.equal(false);
    expect(isGuarded([put, count], [{ key: 'a', exists: true }])).to.equal(false);
    expect(isGuarded([put, count], [{ key: 'other', absent: true }])).to.equal(false);
    expect(isGuarded([get, count], absent)).to.equal(false);
    expect(isGuarded([put, remove, get, count], absent)).to.equal(false);
  });
});
