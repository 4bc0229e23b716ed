const UNITS = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

/** A moment in seconds since 1970, as seen from now: `in 3 hours`, `2 days ago`. */
export function relativeTime(seconds: number, now = Date.now()): string {
  const difference = seconds - now / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(difference) >= size) ?? ['second', 1];
  if (unit === 'second' && Math.abs(difference) < 5) return 'just now';
  return relative.format(Math.round(difference / length), unit);
}

/** A moment in seconds since 1970 as date and time. */
export function exactTime(seconds: number): string {
  return exact.format(seconds * 1000);
}

/** A length of time in its two largest units: `1 h 5 min`. */
export function duration(seconds: number): string {
  const [days, hours, minutes] = [seconds / 86_400, (seconds % 86_400) / 3600, (seconds % 3600) / 60].map(Math.floor);
  if (days) return `${days} d ${hours} h`;
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${Math.floor(seconds % 60)} s` : `${Math.floor(seconds)} s`;
}

const LENGTH = /^(\d+(?:\.\d+)?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?)?$/i;
const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds of a text such as `90`, `15 min` or `2d`; undefined if it is not one. */
export function secondsOf(text: string): number | undefined {
  const [, number, unit = 's'] = LENGTH.exec(text.trim()) ?? [];
  const seconds = Number(number) * (SECONDS[unit.charAt(0).toLowerCase()] ?? Number.NaN);
  return seconds > 0 ? seconds : undefined;
}
