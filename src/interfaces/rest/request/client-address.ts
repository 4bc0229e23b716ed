import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { unmapped } from '../../listen.js';
import type { TrustedProxies } from '../rest-settings.js';

/**
 * Returns a function for the client's address: that of the connection, or of `X-Forwarded-For` if proxies are trusted.
 */
export function clientAddresses(trusted: TrustedProxies): (request: IncomingMessage) => string {
  if (trusted === 0 || (typeof trusted !== 'number' && trusted.length === 0)) return connectionAddress;
  const trusts = typeof trusted === 'number' ? (_: string, hops: number) => hops < trusted : within(trusted);
  return (request) => {
    const forwarded = (request.headers['x-forwarded-for']?.toString() ?? '')
      .split(',')
      .map((address) => address.trim());
    let address = connectionAddress(request);
    for (let hops = 0; forwarded.length > 0 && trusts(address, hops); hops++) {
      const previous = forwarded.pop() ?? '';
      if (isIP(previous) === 0) break;
      address = unmapped(previous);
    }
    return address;
  };
}

function connectionAddress(request: IncomingMessage): string {
  return unmapped(request.socket.remoteAddress ?? '');
}

function within(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
