import { RedisError } from './redis-error.js';

/** Digits after the decimal point that a sum has at most, as in Redis. */
const FRACTION_DIGITS = 17;
/** Largest exponent of a number: that of a double. */
const MAX_EXPONENT = 308;
const MAX_LENGTH = 400;

/** A decimal number: `units` times 10 to the power of -`scale`. */
interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/** Numbers that can be added, but have no sum: it is too long. */
const INFINITY: Decimal = { units: 10n ** BigInt(MAX_LENGTH), scale: 0 };
const MINUS_INFINITY: Decimal = { units: -100n * INFINITY.units, scale: 0 };

/** A number such as `-1.5e3`. */
export function parseDecimal(bytes: Uint8Array): Decimal {
  const text = bytes.length > MAX_LENGTH ? '' : Buffer.from(bytes).toString('latin1');
  const infinity = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? MINUS_INFINITY : INFINITY;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(?=\.?\d)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?$/.exec(text) ?? [];
  const power = Number(exponent);
  if (whole + fraction === '' || Math.abs(power) > MAX_EXPONENT) throw new RedisError('value is not a valid float');
  const units = BigInt(whole + fraction);
  const scale = fraction.length - power;
  const scaled = scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale };
  return sign === '-' ? { ...scaled, units: -scaled.units } : scaled;
}

/** The exact sum, rounded to 17 digits after the point, without an exponent. */
export function addDecimals(a: Decimal, b: Decimal): string {
  const scale = Math.max(a.scale, b.scale);
  const exact = a.units * 10n ** BigInt(scale - a.scale) + b.units * 10n ** BigInt(scale - b.scale);
  const kept = Math.min(scale, FRACTION_DIGITS);
  const size = rounded(exact < 0n ? -exact : exact, 10n ** BigInt(scale - kept));
  const digits = size.toString().padStart(kept + 1, '0');
  const [whole, fraction] = [digits.slice(0, digits.length - kept), digits.slice(digits.length - kept)];
  const text = `${whole}.${fraction}`.replace(/\.?0*$/, '');
  if (text.length > MAX_LENGTH) throw new RedisError('increment would produce NaN or Infinity');
  return exact < 0n && size !== 0n ? `-${text}` : text;
}

/** Half a unit is rounded to the even one, so that errors do not add up. */
function rounded(value: bigint, unit: bigint): bigint {
  const [whole, twice] = [value / unit, 2n * (value % unit)];
  const isUp = twice > unit || (twice === unit && whole % 2n === 1n);
  return isUp ? whole + 1n : whole;
}
