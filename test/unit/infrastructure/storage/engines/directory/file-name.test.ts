import { expect } from 'chai';
import { fileNameOf } from '../../../../../../src/infrastructure/storage/engines/directory/file-name.js';
import { AWKWARD_KEYS } from '../../../../../contract/store-fixture.js';

describe('The name of the file of a key', () => {
  it('is the key if that is plain', () => {
    expect(fileNameOf('a-b_c.9')).to.equal('a-b_c.9.json');
    expect(fileNameOf('con')).to.equal('%63on.json');
    expect(fileNameOf('Käse/1')).to.equal('%4b%c3%a4se%2f1.json');
  });

  it('is its own for every key, on every file system', () => {
    const long = Array.from({ length: 300 }, (_, i) => 'x'.repeat(210 + i));
    const keys = [
      ...new Set([...AWKWARD_KEYS, ...long, 'COM1', 'com1', 'com1.x', '..', 'a~b', '%41', 'x'.repeat(200)]),
    ];
    const names = keys.map(fileNameOf);
    expect(new Set(names).size).to.equal(keys.length);
    for (const name of names) {
      expect(name).to.match(/^[a-z0-9_%-][a-z0-9_.%~-]*\.json$/);
      expect(name).not.to.match(/^(con|nul|aux|prn|com\d|lpt\d)\./);
      expect(name.length).to.be.below(256);
    }
  });
});
