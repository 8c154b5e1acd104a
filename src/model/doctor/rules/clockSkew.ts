import type { Look, Suspicion } from '../look.js';
import { duration, iso } from './words.js';

/** Less is no trouble for anybody; more disturbs leases and the order of log lines. */
const noticeable = 2_000;
const serious = 60_000;

/** The node's clock against this machine's: one of the two is wrong. */
export function clockSkew({ clock, now }: Look): readonly Suspicion[] {
  if (!clock) return [];
  const least = Math.abs(clock.skew) - clock.within;
  if (least < noticeable) return [];
  const side = clock.skew > 0 ? 'ahead of' : 'behind';
  return [
    {
      finding: {
        id: 'clockSkew',
        kind: 'clockSkew',
        severity: least >= serious ? 'warning' : 'info',
        certainty: 'certain',
        title: `The node’s clock is ${duration(clock.skew)} ${side} this machine’s`,
        explanation:
          'One of the two clocks is wrong. A node with a wrong clock refuses certificates that are valid, loses its lease, and ' +
          'writes log lines whose times can’t be compared with those of other nodes.',
        evidence: [
          { label: 'node', value: iso(now), source: 'date on the node' },
          { label: 'this machine', value: iso(now - clock.skew), source: 'its own clock' },
          {
            label: 'known to',
            value: `± ${duration(clock.within)}`,
            source: 'half the time that the question took',
          },
        ],
        advice:
          'Compare both with a third clock. On the node see whether its time service (chronyd, systemd-timesyncd) runs and ' +
          'reaches a server (timedatectl). Let that service mend the clock rather than setting it by hand in one jump.',
      },
    },
  ];
}
