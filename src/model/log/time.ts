/** How the times of a log are shown. */
export type TimeStyle = 'local' | 'utc' | 'off';

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');

/** `2026-11-24 04:15:29.421` in the reader's zone, or with a `Z`; what isn't a time stays as it is written. */
export function timeText(
  style: TimeStyle,
  { time, ms }: { readonly time?: string; readonly ms?: number },
): string {
  if (style === 'off' || time === undefined) return '';
  if (ms === undefined) return time;
  const at = new Date(ms);
  if (style === 'utc') return at.toISOString().replace('T', ' ');
  const date = `${pad(at.getFullYear(), 4)}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => pad(part)).join(':');
  return `${date} ${clock}.${pad(at.getMilliseconds(), 3)}`;
}
