import { expect, it } from 'vitest';
import { timeText } from '../../../../src/model/log/time.js';

const entry = { time: '2026-11-24T04:15:29.42168816Z', ms: Date.UTC(2026, 10, 24, 4, 15, 29, 421) };

it('shows UTC, or nothing', () => {
  expect(timeText('utc', entry)).toBe('2026-11-24 04:15:29.421Z');
  expect(timeText('off', entry)).toBe('');
  expect(timeText('utc', {})).toBe('');
});

it('shows the reader’s own zone', () => {
  const local = timeText('local', entry);
  expect(local).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:29\.421$/);
  expect(new Date(local.replace(' ', 'T')).getTime()).toBe(entry.ms);
});

it('leaves what is no time as it is', () => {
  expect(timeText('local', { time: '2026-11-24T04:15:60Z' })).toBe('2026-11-24T04:15:60Z');
});
