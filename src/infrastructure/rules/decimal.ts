/** An exact decimal number: `sign` times 0.`digits` times ten to the power of `point`. Zero has no digits. */
export interface Decimal {
  readonly sign: -1 | 0 | 1;
  /** Neither begins nor ends with 0. */
  readonly digits: string;
  readonly point: number;
}

/** Larger exponents count as this one, so that no request makes the server compute with them. */
const MAX_EXPONENT = 1e15;
/** So many digits at a time are exact as a number. */
const CHUNK = 15;

/** Reads a JSON number, in linear time. */
export function decimalOf(text: string): Decimal {
  const [, minus, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE](.+))?$/.exec(text) ?? [];
  const all = whole + fraction;
  let [start, end] = [0, all.length];
  while (start < end && all[start] === '0') start++;
  while (end > start && all[end - 1] === '0') end--;
  if (start === end) return { sign: 0, digits: '', point: 0 };
  const power = Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, Number(exponent)));
  return { sign: minus ? -1 : 1, digits: all.slice(start, end), point: whole.length - start + power };
}

/** Less than 0 if `a` is less than `b`, 0 if they are equal. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.sign !== b.sign) return a.sign - b.sign;
  if (a.point !== b.point) return a.sign * (a.point - b.point);
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -a.sign : a.sign;
}

export function isInteger({ digits, point }: Decimal): boolean {
  return digits.length <= point || digits === '';
}

/** Whether `value` is an integer times `unit`, which has few digits; in linear time. */
export function isMultiple(value: Decimal, unit: Decimal): boolean {
  if (value.sign === 0) return true;
  if (unit.sign === 0) return false;
  // Both as an integer times a power of ten. The digits of the value do not end with 0, so nothing divides a power.
  const power = value.point - value.digits.length - (unit.point - unit.digits.length);
  if (power < 0) return false;
  const divisor = BigInt(unit.digits);
  return (remainder(value.digits, divisor) * powerOfTen(power, divisor)) % divisor === 0n;
}

function remainder(digits: string, divisor: bigint): bigint {
  let rest = 0n;
  for (let at = 0; at < digits.length; at += CHUNK) {
    const chunk = digits.slice(at, at + CHUNK);
    rest = (rest * BigInt(10 ** chunk.length) + BigInt(chunk)) % divisor;
  }
  return rest;
}

/** Ten to the power of `exponent`, modulo `divisor`. */
function powerOfTen(exponent: number, divisor: bigint): bigint {
  let [result, base] = [1n, 10n % divisor];
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = (result * base) % divisor;
    base = (base * base) % divisor;
  }
  return result;
}
