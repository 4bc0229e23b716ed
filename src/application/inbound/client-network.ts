/** The network of a client's address: a /64 of IPv6, which one customer has, counts as one address. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('::');
  const [front, back] = [head, tail].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]];
  const zeros = new Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0');
  return `${[...front, ...(address.includes('::') ? zeros : []), ...back].slice(0, 4).join(':')}::/64`;
}
