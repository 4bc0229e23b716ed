import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { configSchema } from '../../../../src/infrastructure/config/settings/config-schema.js';

describe('config.schema.json', () => {
  it('is current (else: npm run schema)', async () => {
    expect(await readFile('config.schema.json', 'utf8')).to.equal(`${JSON.stringify(configSchema(), null, 2)}\n`);
  });

  it("accepts the example and Simple-PyKV's file, and shows typing mistakes", async () => {
    const accepts = new Ajv({ strict: true, allowUnionTypes: true }).compile(configSchema());
    const example = JSON.parse(await readFile('config.json.example', 'utf8'));
    expect(accepts(example), JSON.stringify(accepts.errors)).to.equal(true);
    const compat = JSON.parse(await readFile('test/compat/simple-pykv-data/config.json', 'utf8'));
    expect(accepts(compat), JSON.stringify(accepts.errors)).to.equal(true);
    expect(accepts({ ...example, server_prot: 1 })).to.equal(false);
    expect(accepts({ ...example, system: { debugging: { verbose: true } } })).to.equal(false);
    expect(accepts({ ...example, 'x-owner': 1, system: { 'x-why': [], logging: { 'x-who': null } } })).to.equal(true);
    expect(accepts({ ...example, projects: [{ id: 'a b' }] })).to.equal(false);
    expect(accepts({ ...example, system: { cors: { origins: [1] } } })).to.equal(false);
  });
});
