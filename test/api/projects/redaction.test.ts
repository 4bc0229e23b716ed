import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Redaction } from '../../../src/application/inbound/redaction.js';
import { type Identity, SCOPES, SERVER_IDENTITY } from '../../../src/domain/api-key.js';
import { AppError } from '../../../src/domain/errors.js';
import { DataFolderNames } from '../../../src/infrastructure/storage/data-folder-names.js';
import { TestServer } from '../../harness/test-server.js';

const BROKEN = '{\n  "a": {"created_at": 1, "updated_at": 1, "value": [1,,2]}\n}\n';

describe('Names of files in what clients see', () => {
  let server: TestServer;
  let reader: string;
  let primary: string;
  before(async () => {
    server = await TestServer.start();
    primary = await server.project('broken');
    const body = JSON.stringify({ name: 'reader', scopes: ['read', 'write', 'list', 'delete', 'watch'] });
    reader = (await server.call('POST', 'broken/api-keys', { key: primary, body })).json.data.key;
    await server.restart(() => writeFile(join(server.folder, 'storage_data', 'broken_store.json'), BROKEN));
  });
  after(() => server.stop());

  it('are relative to the data folder for administrators, and missing for others', async () => {
    for (const [method, path] of [
      ['GET', 'broken/values/a'],
      ['PUT', 'broken/store/a'],
      ['GET', 'broken/store'],
      ['GET', 'broken/store?limit=1'],
      ['DELETE', 'broken/values/a'],
    ] as const) {
      const ask = (key: string, headers = {}) =>
        server.call(method, path, { key, headers, ...(method === 'PUT' ? { body: '1' } : {}) });
      const [own, other] = [await ask(primary), await ask(reader)];
      expect([own.status, other.status], `${method} ${path}`).to.deep.equal([503, 503]);
      expect(own.json.message).to.match(
        /^broken_store\.json is cut off or no JSON from byte 4 on \(line 2, column 55\)/,
      );
      expect(other.json.message).to.match(/^A file of the server is cut off or no JSON/);
      const problem = await ask(reader, { accept: 'application/problem+json' });
      for (const { text } of [own, other, problem]) expect(text).not.to.include(server.folder);
      for (const { text } of [other, problem]) expect(text).not.to.include('broken_store');
    }
    const bySystem = await server.call('POST', 'broken/snapshots', { key: server.systemKey });
    expect([bySystem.status, bySystem.json.message.slice(0, 17)]).to.deep.equal([503, 'broken_store.json']);
  });

  it('are missing if no key is needed', async () => {
    const { status, text, json } = await server.call('GET', '/readyz');
    expect([status, Object.keys(json.unavailable)]).to.deep.equal([503, ['broken']]);
    expect(text).to.include('A file of the server is cut off').and.not.include(server.folder);
    expect(text).not.to.include('broken_store');
  });

  it('are relative if the configuration cannot be written', async () => {
    const file = join(server.folder, 'config.json');
    await rm(file);
    await mkdir(file);
    const settings = { key: server.systemKey, body: '{"limits":{"max_keys":5}}' };
    const { status, text, json } = await server.call('PUT', 'first_project', settings);
    expect([status, text.includes(server.folder)], text).to.deep.equal([503, false]);
    expect(json.message).to.include('../config.json');
    await rm(file, { recursive: true });
  });
});

describe('Redaction', () => {
  const logged: string[] = [];
  const names = new DataFolderNames('/srv/my data/portkv', '/srv/my data');
  const redaction = new Redaction(names, { warn: (_, message) => logged.push(message) });
  const project = (scopes: Identity['scopes']): Identity => ({
    ...SERVER_IDENTITY,
    kind: 'project',
    project: 'p',
    scopes,
  });
  const shown = (caller: Identity | undefined, error: AppError) => redaction.errorFor(error, caller) as AppError;

  it('shows administrators names within and outside of the data folder', () => {
    for (const caller of [SERVER_IDENTITY, project(SCOPES)]) {
      const cases = {
        '/srv/my data/portkv/p_store.json: is damaged. Restore it.': 'p_store.json: is damaged. Restore it.',
        'cannot write /srv/my data/config.json: EBUSY': 'cannot write ../config.json: EBUSY',
        '"/srv/my data/portkv/p/k%20.json" (EIO) in /srv/my data/portkv.': '"p/k%20.json" (EIO) in the data folder.',
        'key file /etc/keys/k: ENOENT': 'key file ../../../etc/keys/k: ENOENT',
        'see /api/v1/projects/p/migrations/1 and /readyz': 'see /api/v1/projects/p/migrations/1 and /readyz',
      };
      for (const [text, expected] of Object.entries(cases)) {
        expect(shown(caller, new AppError('unavailable', text)).message).to.equal(expected);
      }
    }
  });

  it('shows others neither names nor details with them', () => {
    for (const caller of [undefined, project(['read', 'write'])]) {
      const details = { file: '/srv/my data/portkv/p.lmdb/data.mdb', retry_after: 1 };
      const error = new AppError('unavailable', '/srv/my data/portkv/p.lmdb/data.mdb: in /mnt/x/y', { details });
      const { code, message, details: left } = shown(caller, error);
      expect([code, message]).to.deep.equal(['unavailable', 'A file of the server: in a file of the server']);
      expect(left).to.deep.equal({ retry_after: 1 });
    }
    expect(logged).to.deep.include('/srv/my data/portkv/p.lmdb/data.mdb: in /mnt/x/y');
    expect(new Set(logged).size).to.equal(logged.length);
  });

  it('leaves every other error as it is', () => {
    for (const error of [new AppError('unprocessable', 'the value at /name is wrong'), new Error('/srv/my data/x')]) {
      expect(redaction.errorFor(error, undefined)).to.equal(error);
    }
  });
});
