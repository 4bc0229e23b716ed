import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { networkOf } from '../../../../../src/application/inbound/client-network.js';
import { clientAddresses } from '../../../../../src/interfaces/rest/request/client-address.js';
import type { TrustedProxies } from '../../../../../src/interfaces/rest/rest-settings.js';

function addressOf(trusted: TrustedProxies, remoteAddress: string, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return clientAddresses(trusted)({ socket: { remoteAddress }, headers } as unknown as IncomingMessage);
}

describe('The address of a client', () => {
  it('is the one of the connection unless a proxy is trusted', () => {
    expect(addressOf(0, '10.0.0.1', '1.2.3.4')).to.equal('10.0.0.1');
    expect(addressOf([], '10.0.0.1', '1.2.3.4')).to.equal('10.0.0.1');
    expect(addressOf(['10.0.0.2'], '10.0.0.1', '1.2.3.4')).to.equal('10.0.0.1');
    expect(addressOf(0, '::ffff:10.0.0.1')).to.equal('10.0.0.1');
  });

  it('is the one that the trusted number of proxies reports, never one that the client sent', () => {
    expect(addressOf(1, '10.0.0.1', '6.6.6.6, 1.2.3.4')).to.equal('1.2.3.4');
    expect(addressOf(2, '10.0.0.1', '6.6.6.6, 1.2.3.4, 10.0.0.2')).to.equal('1.2.3.4');
    expect(addressOf(1, '10.0.0.1')).to.equal('10.0.0.1');
    expect(addressOf(3, '10.0.0.1', '1.2.3.4')).to.equal('1.2.3.4');
    expect(addressOf(1, '10.0.0.1', 'garbage')).to.equal('10.0.0.1');
  });

  it('is the first from the right that is no trusted proxy', () => {
    const trusted = ['10.0.0.0/8', '2001:db8::1'];
    expect(addressOf(trusted, '10.0.0.1', '6.6.6.6, 1.2.3.4, 10.9.9.9')).to.equal('1.2.3.4');
    expect(addressOf(trusted, '2001:db8::1', '1.2.3.4')).to.equal('1.2.3.4');
    expect(addressOf(trusted, '11.0.0.1', '1.2.3.4')).to.equal('11.0.0.1');
    expect(addressOf(trusted, '::ffff:10.0.0.1', '10.0.0.2')).to.equal('10.0.0.2');
  });

  it('counts as its network of 64 bits if it is IPv6', () => {
    expect(networkOf('1.2.3.4')).to.equal('1.2.3.4');
    expect(networkOf('2001:db8:1:2:3:4:5:6')).to.equal('2001:db8:1:2::/64');
    expect(networkOf('2001:db8::1')).to.equal('2001:db8:0:0::/64');
    expect(networkOf('::1')).to.equal('0:0:0:0::/64');
    expect(networkOf('2001:db8:1:2::')).to.equal('2001:db8:1:2::/64');
  });
});
