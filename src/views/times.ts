const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * How long ago, coarse enough that a tree rarely needs repainting for it: `<1m`, minutes up to 10, then every
 * 5 minutes, hours up to two days, days.
 */
export function age(since: number, now: number): string {
  const passed = now - since;
  if (passed < minute) return '<1m';
  if (passed < 10 * minute) return `${Math.floor(passed / minute)}m`;
  if (passed < hour) return `${Math.floor(passed / (5 * minute)) * 5}m`;
  if (passed < 2 * day) return `${Math.floor(passed / hour)}h`;
  return `${Math.floor(passed / day)}d`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `12:03`, with the date before it when that isn't today's. Local time. */
export function clock(moment: number, now: number): string {
  const at = new Date(moment);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return at.toDateString() === new Date(now).toDateString() ? time : `${date(at)} ${time}`;
}

/** `2026-11-24 12:03:09`. Local time. */
export function timestamp(moment: number): string {
  const at = new Date(moment);
  return `${date(at)} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

const date = (at: Date): string => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
