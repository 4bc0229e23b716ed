const DAY = 86_400_000;

let day = Number.NaN;
let dayText = '';

/**
 * A time (ms since 1970) as an HTTP date. The text of the day is cached, because most entries in use are of one day.
 */
export function httpDate(time: number): string {
  const wanted = Math.floor(time / DAY);
  if (wanted !== day) {
    day = wanted;
    dayText = new Date(wanted * DAY).toUTCString().slice(0, -'00:00:00 GMT'.length);
  }
  const seconds = Math.floor(time / 1000) - wanted * 86_400;
  return `${dayText}${twoDigits(seconds / 3600)}:${twoDigits((seconds / 60) % 60)}:${twoDigits(seconds % 60)} GMT`;
}

/** The three formats of an HTTP date (RFC 9110, 5.6.7). */
const FORMS = [
  /^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
];

/** The time (ms since 1970) of an HTTP date; undefined if the text is none. */
export function parseHttpDate(text: string): number | undefined {
  for (const form of FORMS) {
    const { day = '', month, year = '', time } = form.exec(text)?.groups ?? {};
    if (month === undefined) continue;
    const wanted = `${day.replace(' ', '0')} ${month} ${fullYear(year)} ${time} GMT`;
    const parsed = Date.parse(wanted);
    // Date.parse reads February 31 as a day in March.
    return !Number.isNaN(parsed) && new Date(parsed).toUTCString().endsWith(wanted) ? parsed : undefined;
  }
  return undefined;
}

/** Two digits stand for the latest year with this ending that is at most 50 years ahead. */
function fullYear(year: string): string {
  if (year.length === 4) return year;
  const latest = new Date().getUTCFullYear() + 50;
  return String(latest - ((latest - Number(year)) % 100));
}

function twoDigits(number: number): string {
  const whole = Math.floor(number);
  return whole < 10 ? `0${whole}` : `${whole}`;
}
