import { expect } from 'chai';
import { isLoopback, listensLocally } from '../../../src/composition/loopback.js';

describe('Whether a server listens locally', () => {
  it('depends on every address of the REST API', () => {
    const configured = { server_host: '127.0.0.1' };
    expect(listensLocally({}, configured, [])).to.equal(true);
    expect(listensLocally({}, { server_host: '0.0.0.0' }, [])).to.equal(false);
    expect(listensLocally({ host: '::' }, configured, [])).to.equal(false);
    expect(listensLocally({ host: 'localhost' }, { server_host: '0.0.0.0' }, [])).to.equal(true);
    expect(listensLocally({}, configured, [{ kind: 'rest' }, { kind: 'redis', host: '0.0.0.0' }])).to.equal(true);
    expect(listensLocally({}, configured, [{ kind: 'rest', host: '10.0.0.1' }])).to.equal(false);
  });

  it('knows the names and addresses of this machine', () => {
    for (const host of ['127.0.0.1', '127.1.2.3', '::1', '[::1]', 'localhost', 'a.localhost', '::ffff:127.0.0.1']) {
      expect(isLoopback(host), host).to.equal(true);
    }
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'localhost.example.org', '128.0.0.1', '::ffff:10.0.0.1']) {
      expect(isLoopback(host), host).to.equal(false);
    }
  });
});
