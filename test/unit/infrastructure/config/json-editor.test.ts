import { expect } from 'chai';
import fc from 'fast-check';
import { type Edit, editJson } from '../../../../src/infrastructure/config/json-editor.js';

const set = (text: string, path: Edit['path'], value: unknown) => editJson(text, [{ path, value }]);

describe('editJson', () => {
  it('appends in the format of the previous member', () => {
    expect(set('{"a":[1,2]}', ['a', -1], 3)).to.equal('{"a":[1,2,3]}');
    expect(set('{ "a" : 1 }', ['b'], { c: 2 })).to.equal('{ "a" : 1, "b": {"c":2} }');
    expect(set('{\n\t"a": 1\n}', ['b'], { c: [2] })).to.equal(
      '{\n\t"a": 1,\n\t"b": {\n\t\t"c": [\n\t\t\t2\n\t\t]\n\t}\n}',
    );
    expect(set('{\r\n    "a": 1\r\n}', ['b'], [2])).to.equal(
      '{\r\n    "a": 1,\r\n    "b": [\r\n        2\r\n    ]\r\n}',
    );
  });

  it('adds to an empty object or list', () => {
    expect(set('{}', ['a'], 1)).to.equal('{"a": 1}');
    expect(set('{\n  "a": []\n}\n', ['a', -1], { b: 1 })).to.equal('{\n  "a": [\n    {\n      "b": 1\n    }\n  ]\n}\n');
    expect(set('{\n}', ['a'], 1)).to.equal('{\n  "a": 1\n}');
  });

  it('creates missing objects and lists along the path', () => {
    expect(set('{}', ['a', 'b', 'c'], 1)).to.equal('{"a": {"b":{"c":1}}}');
    expect(set('{}', ['a', -1], 1)).to.equal('{"a": [1]}');
  });

  it('replaces a value with one of any kind', () => {
    expect(set('{"a":  [1, 2] , "b":1.0}', ['a'], null)).to.equal('{"a":  null , "b":1.0}');
    expect(set('{\n  "a": 1\n}', ['a'], { b: 'x' })).to.equal('{\n  "a": {\n    "b": "x"\n  }\n}');
  });

  it('removes a member or an item and leaves the rest as it is', () => {
    const text = '{ "a":1.0, "b" : [ {"x":1},  {"y":2} ], "c":3 }';
    expect(set(text, ['b', 0], undefined)).to.equal('{ "a":1.0, "b" : [ {"y":2} ], "c":3 }');
    expect(set(text, ['b', 1], undefined)).to.equal('{ "a":1.0, "b" : [ {"x":1} ], "c":3 }');
    expect(set(text, ['c'], undefined)).to.equal('{ "a":1.0, "b" : [ {"x":1},  {"y":2} ] }');
    expect(set('{"a": {\n"b": 1 }}', ['a', 'b'], undefined)).to.equal('{"a": {\n }}');
    expect(() => set(text, ['d'], undefined)).to.throw('is not there');
  });

  it('refuses a path through a value of another kind', () => {
    expect(() => set('{"a": 5}', ['a', 'b'], 1)).to.throw('holds no object');
    expect(() => set('{"a": {}}', ['a', -1], 1)).to.throw('holds no list');
    expect(() => set('"text"', ['a'], 1)).to.throw('holds no object');
  });

  it('has the result of the same change of the parsed value, however the text is formatted', () => {
    const name = fc.constantFrom('a', 'b', '', '7', '__proto__', 'q"\\\n');
    const json = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.string(), fc.constant(null), tie('list'), tie('object')),
      list: fc.array(tie('value'), { maxLength: 3 }),
      object: fc
        .uniqueArray(fc.tuple(name, tie('value')), { selector: ([key]) => key, maxLength: 4 })
        .map(Object.fromEntries),
    }));
    const indent = fc.constantFrom(undefined, 1, 2, 4, '\t');
    fc.assert(
      fc.property(
        json.object,
        name,
        name,
        fc.oneof(json.value, fc.constant(undefined)),
        indent,
        (before, a, b, value, space) => {
          const parent = Object.hasOwn(before as object, a) ? (before as Record<string, unknown>)[a] : {};
          if (typeof parent !== 'object' || parent === null || Array.isArray(parent)) return;
          if (value === undefined && !Object.hasOwn(parent, b)) return;
          const inner = new Map(Object.entries(parent)).set(b, value);
          if (value === undefined) inner.delete(b);
          const after = new Map(Object.entries(before as object)).set(a, Object.fromEntries(inner));
          const edited = set(JSON.stringify(before, null, space), [a, b], value);
          expect(JSON.stringify(JSON.parse(edited))).to.equal(JSON.stringify(Object.fromEntries(after)));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
