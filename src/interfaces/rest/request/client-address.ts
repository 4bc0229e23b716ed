import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { TrustedProxies } from '../rest-settings.js';

/** Returns the address that a request comes from: the connection's, or what trusted proxies say in `X-Forwarded-For`. */
export function clientAddresses(trusted: TrustedProxies): (request: IncomingMessage) => string {
  if (trusted === 0 || (typeof trusted !== 'number' && trusted.length === 0)) return connectionAddress;
  const believes = typeof trusted === 'number' ? (_: string, hops: number) => hops < trusted : within(trusted);
  return (request) => {
    const said = (request.headers['x-forwarded-for']?.toString() ?? '').split(',').map((address) => address.trim());
    let address = connectionAddress(request);
    for (let hops = 0; said.length > 0 && believes(address, hops); hops++) {
      const before = said.pop() ?? '';
      if (isIP(before) === 0) break;
      address = plain(before);
    }
    return address;
  };
}

function connectionAddress(request: IncomingMessage): string {
  return plain(request.socket.remoteAddress ?? '');
}

/** An IPv4 address that came over an IPv6 socket, as IPv4. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
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
