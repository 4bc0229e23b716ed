import Cloudflare from 'cloudflare';
import { expect, it } from 'vitest';
import { onEveryEngine } from './projects.ts';

onEveryEngine('cloudflare', (target) => {
  const account_id = 'any';

  function connected(apiToken = 'k') {
    const { address, project } = target();
    const client = new Cloudflare({ baseURL: `${address}/client/v4`, apiToken, maxRetries: 0 });
    return { kv: client.kv.namespaces, project, at: { account_id, namespace_id: project } };
  }

  it('writes, reads and deletes a value', async () => {
    const { kv, at } = connected();
    for (const key of ['plain', 'a/b:c', 'ä €?#%']) {
      await kv.values.update(key, { ...at, value: 'Some ä value' });
      expect(await (await kv.values.get(key, at)).text()).toBe('Some ä value');
      await kv.values.delete(key, at);
      await kv.values.delete(key, at);
      await expect(kv.values.get(key, at)).rejects.toMatchObject({ status: 404, errors: [{ code: 10009 }] });
    }
  });

  it('writes bytes of a file', async () => {
    const { kv, at } = connected();
    const bytes = new Uint8Array([0, 13, 10, 45, 45, 255]);
    await kv.values.update('bytes', { ...at, value: new File([bytes], 'bytes.bin') });
    expect(new Uint8Array(await (await kv.values.get('bytes', at)).arrayBuffer())).toEqual(bytes);
    await kv.values.delete('bytes', at);
  });

  it('keeps metadata and the expiry', async () => {
    const { kv, at, project } = connected();
    const expiration = Math.floor(Date.now() / 1000) + 1000;
    await kv.values.update('m', { ...at, value: 'x', metadata: JSON.stringify({ owner: 'ada' }), expiration });
    expect(await kv.metadata.get('m', at)).toEqual({ owner: 'ada' });
    expect((await kv.values.get('m', at)).headers.get('expiration')).toBe(String(expiration));
    const { result } = await kv.keys.list(project, { account_id, prefix: 'm' });
    expect(result).toEqual([{ name: 'm', expiration, metadata: { owner: 'ada' } }]);
    await expect(kv.values.update('m', { ...at, value: 'x', metadata: { owner: 'ada' } })).rejects.toThrow('JSON text');
    await expect(kv.values.update('m', { ...at, value: 'x', expiration_ttl: 59 })).rejects.toThrow('at least 60');
    await kv.values.delete('m', at);
  });

  it('writes, reads, lists and deletes many', async () => {
    const { kv, project } = connected();
    const names = Array.from({ length: 25 }, (_, i) => `k${100 + i}`);
    const body = names.map((key) => ({ key, value: JSON.stringify({ key }), metadata: { key } }));
    expect(await kv.bulkUpdate(project, { account_id, body })).toEqual({
      successful_key_count: 25,
      unsuccessful_keys: [],
    });
    const listed: string[] = [];
    for await (const { name } of kv.keys.list(project, { account_id, limit: 10 })) listed.push(name);
    expect(listed).toEqual(names);
    expect(await kv.bulkGet(project, { account_id, keys: ['k100', 'none'], type: 'json' })).toEqual({
      values: { k100: { key: 'k100' }, none: null },
    });
    expect(await kv.keys.bulkGet(project, { account_id, keys: ['k100'], withMetadata: true })).toEqual({
      values: { k100: { value: '{"key":"k100"}', metadata: { key: 'k100' } } },
    });
    expect(await kv.bulkDelete(project, { account_id, body: names })).toMatchObject({ successful_key_count: 25 });
    expect((await kv.keys.list(project, { account_id })).result).toEqual([]);
  });

  it('has errors of the package', async () => {
    const { kv, at, project } = connected('wrong');
    await expect(kv.values.get('a', at)).rejects.toBeInstanceOf(Cloudflare.AuthenticationError);
    await expect(kv.get(project, { account_id })).rejects.toMatchObject({ errors: [{ code: 10000 }] });
  });
});
