import { expect } from 'chai';
import { warnOfExposedKeys } from '../../../src/composition/exposed-keys.js';
import { Settings } from '../../../src/infrastructure/config/settings/settings.js';

function warnings(addresses: string[], system: { trust_proxy?: number | string[]; enabled?: boolean } = {}): string[] {
  const settings = new Settings();
  settings.system.trust_proxy = system.trust_proxy ?? 0;
  settings.system.authentication.enabled = system.enabled ?? true;
  const found: string[] = [];
  const log = { error: () => undefined, info: () => undefined, debug: undefined };
  warnOfExposedKeys(addresses, settings, [], { ...log, warn: (_, message) => void found.push(message) });
  return found;
}

describe('A warning of keys on the network', () => {
  for (const address of ['http://0.0.0.0:1', 'http://[::]:1', 'http://192.168.0.7:1', 'http://kv.example.org:1']) {
    it(`is given for ${address}, once, with what to do`, () => {
      expect(warnings([address, 'http://127.0.0.1:2'])).to.have.length(1);
      expect(warnings([address])[0])
        .to.include(address)
        .and.include('server_tls')
        .and.include('trust_proxy');
    });
  }

  for (const address of ['http://127.0.0.1:1', 'http://127.8.0.1:1', 'http://[::1]:1', 'http://localhost:1']) {
    it(`is not given for ${address}`, () => expect(warnings([address])).to.deep.equal([]));
  }

  it('is not given over TLS, behind a trusted proxy, or if no key is required', () => {
    expect(warnings(['https://0.0.0.0:1'])).to.deep.equal([]);
    expect(warnings(['http://0.0.0.0:1'], { trust_proxy: 1 })).to.deep.equal([]);
    expect(warnings(['http://0.0.0.0:1'], { trust_proxy: ['10.0.0.0/8'] })).to.deep.equal([]);
    expect(warnings(['http://0.0.0.0:1'], { enabled: false })).to.deep.equal([]);
  });
});
