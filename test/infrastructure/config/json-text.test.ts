import { expect } from 'chai';
import { type Edit, editJson } from '../../../src/infrastructure/config/json-text.js';

const set = (text: string, path: Edit['path'], value: unknown) => editJson(text, [{ path, value }]);

describe('editJson', () => {
  it('appends in the form of the neighbour before', () => {
    expect(set('{"a":[1,2]}', ['a', -1], 3)).to.equal('{"a":[1,2,3]}');
    expect(set('{ "a" : 1 }', ['b'], { c: 2 })).to.equal('{ "a" : 1, "b": {"c":2} }');
    expect(set('{\n\t"a": 1\n}', ['b'], { c: [2] })).to.equal(
      '{\n\t"a": 1,\n\t"b": {\n\t\t"c": [\n\t\t\t2\n\t\t]\n\t}\n}',
    );
    expect(set('{\r\n    "a": 1\r\n}', ['b'], [2])).to.equal(
      '{\r\n    "a": 1,\r\n    "b": [\r\n        2\r\n    ]\r\n}',
    );
  });

  it('fills what is empty', () => {
    expect(set('{}', ['a'], 1)).to.equal('{"a": 1}');
    expect(set('{\n  "a": []\n}\n', ['a', -1], { b: 1 })).to.equal('{\n  "a": [\n    {\n      "b": 1\n    }\n  ]\n}\n');
    expect(set('{\n}', ['a'], 1)).to.equal('{\n  "a": 1\n}');
  });

  it('makes the objects and the list on the way', () => {
    expect(set('{}', ['a', 'b', 'c'], 1)).to.equal('{"a": {"b":{"c":1}}}');
    expect(set('{}', ['a', -1], 1)).to.equal('{"a": [1]}');
  });

  it('replaces a value with one of any kind', () => {
    expect(set('{"a":  [1, 2] , "b":1.0}', ['a'], null)).to.equal('{"a":  null , "b":1.0}');
    expect(set('{\n  "a": 1\n}', ['a'], { b: 'x' })).to.equal('{\n  "a": {\n    "b": "x"\n  }\n}');
  });

  it('removes a member or an item and leaves the rest alone', () => {
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
});
