import { expect } from 'chai';
import fc from 'fast-check';
import { type Edit, editJson, editsTo } from '../../../../src/infrastructure/config/json/json-editor.js';
import { jsonProblem, parseJson } from '../../../../src/infrastructure/config/json/json-text.js';

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

  it('keeps comments and trailing commas, and inserts beside them', () => {
    const text = '{\n  // first\n  "a": 1, // about a\n  /* about b */\n  "b": [ // list\n    1,\n  ],\n}\n';
    expect(jsonProblem(text)).to.equal(undefined);
    expect(set(text, ['c'], 2)).to.equal(text.replace('],\n}', '],\n  "c": 2,\n}'));
    expect(set(text, ['b', -1], 2)).to.equal(text.replace('1,\n  ]', '1,\n    2,\n  ]'));
    expect(set(text, ['b', 0], undefined)).to.equal(text.replace('\n    1,', ''));
    expect(set(text, ['b'], undefined)).to.equal('{\n  // first\n  "a": 1, // about a\n  /* about b */\n}\n');
    expect(set(text, ['a'], undefined)).to.equal(
      text.replace('"a": 1, // about a', '// about a').replace('  // about', '   // about'),
    );
    expect(set('{\n  "a": 1 // about a\n}', ['b'], 2)).to.equal('{\n  "a": 1, // about a\n  "b": 2\n}');
    expect(set('{"a": 1 // about a\n}', ['b'], 2)).to.equal('{"a": 1,"b": 2 // about a\n}');
    expect(set('{\n  "a": 1 /* long\n  about a */\n}', ['b'], 2)).to.equal(
      '{\n  "a": 1, /* long\n  about a */\n  "b": 2\n}',
    );
    expect(set('{\n  // nothing yet\n}', ['b'], 2)).to.equal('{\n  // nothing yet\n  "b": 2\n}');
    expect(set('{ "a": "// no, } comment", }', ['a'], 2)).to.equal('{ "a": 2, }');
    expect(parseJson('{"a": "// no,]", "b": ["/*", /* , */ ], /* } */ }')).to.deep.equal({ a: '// no,]', b: ['/*'] });
  });

  it('refuses what editors refuse', () => {
    for (const wrong of ['{"a": 1,,}', '{,}', '[,]', '{"a": 1 /* }', "{'a': 1}", '{a: 1}', '{"a": 01}', '{"a": 1} x']) {
      expect(jsonProblem(wrong), wrong).to.be.a('string');
    }
  });

  it('changes an object member by member, and leaves alone what begins with x-', () => {
    const before = { a: 1, b: { c: [1] }, 'x-d': 2 };
    expect(editsTo(['p'], before, { a: 1, b: { c: [1] } })).to.deep.equal([]);
    expect(editsTo(['p'], before, { b: { c: [2], e: 3 } })).to.deep.equal([
      { path: ['p', 'a'], value: undefined },
      { path: ['p', 'b', 'c'], value: [2] },
      { path: ['p', 'b', 'e'], value: 3 },
    ]);
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
          const expected = JSON.stringify(Object.fromEntries(after));
          expect(JSON.stringify(JSON.parse(edited))).to.equal(expected);
          const commented = withComments(JSON.stringify(before, null, space));
          const editedWithComments = set(commented, [a, b], value);
          expect(jsonProblem(editedWithComments), editedWithComments).to.equal(undefined);
          expect(JSON.stringify(parseJson(editedWithComments))).to.equal(expected);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

/** The JSON text with comments after most of what is no string, and commas after last members. */
function withComments(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|[^\s[{,:"][ \n]*(?=[}\]])|[,:{[\]}]/g, (part, offset: number) => {
    if (part.startsWith('"')) return part;
    const comment = offset % 3 === 0 ? '/* , } */' : offset % 3 === 1 ? ' // ] "\n' : '';
    return /^[,:{[]/.test(part) ? part + comment : part;
  });
}
