import { TcpProxy } from './tcp-proxy.js';

/** Which member sends a request to another one. */
const SENDER = /^X-Server-From: ([0-9a-f]+)\r$/im;

/**
 * The network between the members of a cluster of etcd. What one sends to another can be kept from arriving, in one
 * direction or both. A member sends messages in requests of its own, and in answers to one that it got.
 */
export class EtcdLinks {
  /** As they are in requests. */
  #ids: readonly string[] = [];

  private constructor(private readonly proxies: readonly TcpProxy[]) {}

  /** Before the ports on which members listen for each other. */
  static async before(ports: readonly number[]): Promise<EtcdLinks> {
    return new EtcdLinks(await Promise.all(ports.map((port) => TcpProxy.to(port, SENDER))));
  }

  /** Where members find each other, in the order of the ports. */
  get addresses(): readonly string[] {
    return this.proxies.map(({ port }) => `http://127.0.0.1:${port}`);
  }

  /** Learns the ids of members, which are named `m0` and so on, from one of them. */
  async learn(url: string): Promise<void> {
    const answer = await fetch(`${url}/v3/cluster/member/list`, { method: 'POST', body: '{}' });
    const { members } = (await answer.json()) as { members: { readonly ID: string; readonly name: string }[] };
    const byName = new Map(members.map(({ ID, name }) => [name, BigInt(ID).toString(16)]));
    this.#ids = this.proxies.map((_, i) => byName.get(`m${i}`) as string);
  }

  /** Nothing arrives of what one member sends to another one. */
  cut(from: number, to: number): void {
    this.proxies[to]?.cut(['to server'], this.#ids[from]);
    this.proxies[from]?.cut(['to client'], this.#ids[to]);
  }

  heal(): void {
    for (const proxy of this.proxies) proxy.heal();
  }

  close(): void {
    for (const proxy of this.proxies) proxy.close();
  }
}
