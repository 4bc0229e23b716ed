import { expect } from 'chai';
import fc from 'fast-check';
import { mergePatch, patchOf, requirePatchMembers } from '../../../../src/domain/json/merge-patch.js';
import { MAX_PATCH_MEMBERS } from '../../../../src/domain/limits.js';
import { errorOf } from '../entry-fixture.js';
import { jsonTexts } from './json-arbitraries.js';

const merge = (target: string, patch: string) => mergePatch(target, patchOf(patch));

describe('A merge patch', () => {
  it('works as in the examples of RFC 7396', () => {
    const examples: readonly (readonly [target: string, patch: string, result: string])[] = [
      ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
      ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
      ['{"a":"b"}', '{"a":null}', '{}'],
      ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
      ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
      ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
      ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
      ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
      ['["a","b"]', '["c","d"]', '["c","d"]'],
      ['{"a":"b"}', '["c"]', '["c"]'],
      ['{"a":"foo"}', 'null', 'null'],
      ['{"a":"foo"}', '"bar"', '"bar"'],
      ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
      ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
      ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
    ];
    for (const [target, patch, result] of examples) expect(merge(target, patch), `${target} ${patch}`).to.equal(result);
  });

  it('keeps the rest of the value as it was written, digit for digit', () => {
    const target =
      ' { "big": 106242075399214372653, "f" : 1.0,"e":1E2, "s":"\\u00e9/\\/", "o":{"x":1.50,"y":[1.0, 2]} } ';
    expect(merge(target, '{"o":{"y":null,"z":10.00}}')).to.equal(
      '{"big": 106242075399214372653, "f" : 1.0,"e":1E2, "s":"\\u00e9/\\/","o":{"x":1.50,"z":10.00}}',
    );
    expect(merge('{"a":1,"b":2}', '{"c":123456789012345678901234567890}')).to.equal(
      '{"a":1,"b":2,"c":123456789012345678901234567890}',
    );
  });

  it('replaces a member in its place, and adds new ones at the end', () => {
    expect(merge('{"a":1,"b":2,"c":3}', '{"d":5,"b":4}')).to.equal('{"a":1,"b":4,"c":3,"d":5}');
  });

  it('compares names after their escapes', () => {
    expect(merge('{"\\u0061":1}', '{"a":2}')).to.equal('{"\\u0061":2}');
    expect(merge('{"a":1}', '{"\\u0061":null}')).to.equal('{}');
    expect(merge('{"a\\"b":1}', '{"a\\u0022b":2}')).to.equal('{"a\\"b":2}');
  });

  it('treats names that every object has like any other', () => {
    expect(merge('{"__proto__":1,"a":2}', '{"__proto__":{"x":3},"constructor":4}')).to.equal(
      '{"__proto__":{"x":3},"a":2,"constructor":4}',
    );
  });

  it('counts the last of members that share a name, in the patch and in the value', () => {
    expect(merge('{}', '{"a":{"b":1},"a":{"c":1}}')).to.equal('{"a":{"c":1}}');
    expect(merge('{"x":1}', '{"x":2,"x":null}')).to.equal('{}');
    expect(JSON.parse(merge('{"a":1,"b":2,"a":3}', '{"a":{"c":4}}'))).to.deep.equal({ a: { c: 4 }, b: 2 });
    expect(merge('{"a":1,"a":2}', '{"a":null}')).to.equal('{}');
    expect(merge('{"a":1,"b":2,"a":3}', '{"a":5}')).to.equal('{"a":5,"b":2}');
  });

  it('is not changed by being applied', () => {
    const patch = patchOf('{"a":{"b":null,"c":1}}');
    const results = ['{}', '{"a":{"b":1}}', '{}'].map((target) => mergePatch(target, patch));
    expect(results).to.deep.equal(['{"a":{"c":1}}', '{"a":{"c":1}}', '{"a":{"c":1}}']);
  });

  it('merges as RFC 7396 defines it, for random JSON', () => {
    fc.assert(
      fc.property(jsonTexts, jsonTexts, (target, patch) => {
        expect(JSON.parse(merge(target, patch))).to.deep.equal(merged(JSON.parse(target), JSON.parse(patch)));
      }),
      { numRuns: 1000 },
    );
  });

  it('has a number of members, in all its objects together', () => {
    const counts = { '1': 0, '[{"a":1}]': 0, '{}': 0, '{"a":1,"b":null}': 2, '{"a":{"b":{"c":[{}]}},"d":{}}': 4 };
    for (const [patch, members] of Object.entries(counts)) expect(patchOf(patch).members, patch).to.equal(members);
  });

  it('is refused with too many members', () => {
    const patch = (members: number) => `{${Array.from({ length: members }, (_, i) => `"${i}":1`)}}`;
    expect(patchOf(patch(MAX_PATCH_MEMBERS)).members).to.equal(MAX_PATCH_MEMBERS);
    expect(errorOf('too_large', () => patchOf(patch(MAX_PATCH_MEMBERS + 1))).details).to.include({
      limit_members: MAX_PATCH_MEMBERS,
    });
    requirePatchMembers(MAX_PATCH_MEMBERS);
    errorOf('too_large', () => requirePatchMembers(MAX_PATCH_MEMBERS + 1));
  });
});

/** RFC 7396, section 2, on values. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result = new Map<string, unknown>(isObject ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, merged(result.get(name), value));
  }
  return Object.fromEntries(result);
}
