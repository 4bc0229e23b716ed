import { expect } from 'chai';
import { measurementOf } from '../../src/interfaces/console/server/metrics/measurement.js';
import { parsePrometheus } from '../../src/interfaces/console/server/metrics/prometheus-text.js';
import { cpuBetween, quantile, ratesBetween } from '../../src/interfaces/console/server/metrics/rates.js';
import { TestServer } from '../harness/test-server.js';

describe('The text format of Prometheus in the console', () => {
  it('is read with labels, escapes, exponents and values that are no numbers', () => {
    const text = [
      '# HELP a Of what = it {is}',
      '# TYPE a counter',
      'a 1',
      'b{} 2 1795979230000',
      'c{project="a, \\"b\\" \\\\ {x}=\\n",le="+Inf"} 1.5e-7',
      'd{x="1",} +Inf',
      'e Nan',
      '',
      'no value',
      'f{x="1"} -Inf',
    ].join('\n');
    expect(parsePrometheus(text)).to.deep.equal([
      { name: 'a', labels: {}, value: 1 },
      { name: 'b', labels: {}, value: 2 },
      { name: 'c', labels: { project: 'a, "b" \\ {x}=\n', le: '+Inf' }, value: 1.5e-7 },
      { name: 'd', labels: { x: '1' }, value: Number.POSITIVE_INFINITY },
      { name: 'e', labels: {}, value: Number.NaN },
      { name: 'no', labels: {}, value: Number.NaN },
      { name: 'f', labels: { x: '1' }, value: Number.NEGATIVE_INFINITY },
    ]);
  });

  it('estimates a quantile inside the bucket that has it, and at the last border beyond', () => {
    const buckets = [
      [0.1, 50],
      [0.2, 90],
      [Number.POSITIVE_INFINITY, 100],
    ] as const;
    expect(quantile(0.5, buckets)).to.equal(0.1);
    expect(quantile(0.7, buckets)).to.be.closeTo(0.15, 1e-9);
    expect(quantile(0.95, buckets)).to.equal(0.2);
    expect(quantile(0.5, [[1, 0]])).to.equal(undefined);
  });

  it('gives rates by route between two moments of a real server, and none after it was started again', async () => {
    const server = await TestServer.start();
    const figures = async (at: number) =>
      measurementOf((await server.call('GET', '/metrics', { key: server.systemKey })).text, at);
    try {
      await server.call('PUT', 'first_project/values/a', { key: server.projectKey, body: 'x' });
      const before = await figures(0);
      for (let i = 0; i < 10; i++) {
        await server.call('PUT', 'first_project/values/a', { key: server.projectKey, body: 'x' });
      }
      await server.call('GET', 'first_project/values/none', { key: server.projectKey });
      const after = await figures(5_000);
      const rates = ratesBetween(before, after);
      const put = rates?.get('putValue');
      expect(put).to.include({ count: 10, perSecond: 2, failed: 0 });
      expect(put?.p95).to.be.above(put?.median ?? Number.POSITIVE_INFINITY);
      expect(rates?.get('getValue')).to.include({ count: 1, perSecond: 0.2 });
      expect(cpuBetween(before, after)).to.be.above(0);
      expect(after.freeBytes)
        .to.be.above(0)
        .and.at.most(after.diskBytes ?? 0);
      expect(after.reserveBytes).to.be.above(0);
      expect(after.openWatches).to.equal(0);
      await server.restart();
      expect(ratesBetween(after, await figures(10_000))).to.equal(undefined);
    } finally {
      await server.stop();
    }
  });
});
