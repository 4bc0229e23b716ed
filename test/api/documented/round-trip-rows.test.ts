import { expect } from 'chai';
import { routesWithoutValues } from '../../fuzz/round-trip/routes-without-values.js';
import { onServer } from '../../fuzz/round-trip/ways.js';
import { accessTable } from '../api-keys/access-table.js';

describe('Every route', () => {
  const rows = [...onServer.writers, ...onServer.passages, ...onServer.readers].flatMap(({ routes }) => routes);
  // The test of access fails for a route that is not there.
  const routes = Object.keys(accessTable);

  it('that takes or returns values is tested to keep them, byte for byte', () => {
    const advice = 'write a row in test/fuzz/round-trip/, or into routes-without-values.ts that it has none';
    const known = [...rows, ...routesWithoutValues];
    expect(
      routes.filter((id) => !known.includes(id)),
      advice,
    ).to.deep.equal([]);
    expect(
      known.filter((id) => !routes.includes(id)),
      'these are no routes',
    ).to.deep.equal([]);
  });

  it('either has values or has none', () => {
    expect(routesWithoutValues.filter((id) => rows.includes(id))).to.deep.equal([]);
  });
});
