const numbers = new Intl.NumberFormat('en');

export function count(value: number): string {
  return numbers.format(value);
}

/** `1 key`, `2 keys`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size in the unit that suits it: `812 bytes`, `1.4 MiB`. */
export function bytes(value: number): string {
  let [size, unit] = [value, 0];
  while (size >= 1000 && unit < UNITS.length - 1) [size, unit] = [size / 1024, unit + 1];
  if (unit === 0) return value === 1 ? '1 byte' : `${value} bytes`;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`;
}
