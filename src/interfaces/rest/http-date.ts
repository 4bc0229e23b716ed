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

function two(number: number): string {
  const whole = Math.floor(number);
  return whole < 10 ? `0${whole}` : `${whole}`;
}
