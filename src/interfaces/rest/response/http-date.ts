const DAY = 86_400_000;

let day = Number.NaN;
let dayText = '';

/** A time (ms since 1970) as HTTP writes it. The part that names the day is kept: most entries in use are of one day. */
export function httpDate(time: number): string {
  const wanted = Math.floor(time / DAY);
  if (wanted !== day) {
    day = wanted;
    dayText = new Date(wanted * DAY).toUTCString().slice(0, -'00:00:00 GMT'.length);
  }
  const seconds = Math.floor(time / 1000) - wanted * 86_400;
  return `${dayText}${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)} GMT`;
}

/** The three ways to write a time that HTTP knows (RFC 9110, 5.6.7). */
const FORMS = [
  /^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
];

/** The time (ms since 1970) that HTTP writes so, or undefined where it is none. */
export function parseHttpDate(text: string): number | undefined {
  for (const form of FORMS) {
    const { day = '', month, year = '', time } = form.exec(text)?.groups ?? {};
    if (month === undefined) continue;
    const wanted = `${day.replace(' ', '0')} ${month} ${fullYear(year)} ${time} GMT`;
    const parsed = Date.parse(wanted);
    // Date.parse takes the 31st of February for a day of March.
    return !Number.isNaN(parsed) && new Date(parsed).toUTCString().endsWith(wanted) ? parsed : undefined;
  }
  return undefined;
}

/** Two digits are the year that ends so and is at most 50 years ahead. */
function fullYear(year: string): string {
  if (year.length === 4) return year;
  const latest = new Date().getUTCFullYear() + 50;
  return String(latest - ((latest - Number(year)) % 100));
}

function two(number: number): string {
  const whole = Math.floor(number);
  return whole < 10 ? `0${whole}` : `${whole}`;
}
