import type { NodeConnection } from '../runtime/nodes.js';
import type { Translate } from '../util/translate.js';

/** Coarse, so that the tree is painted seldom. Milliseconds. */
const step = 5_000;

/** When a lost machine is tried again, in words. */
export function retryText(retryAt: number, now: number, t: Translate): string {
  const left = Math.ceil((retryAt - now) / step) * step;
  return left <= step ? t('retrying in a moment') : t('retrying in {0} s', left / 1000);
}

/** Milliseconds until what {@link retryText} says of one of the nodes changes; undefined when it stays. */
export function untilRetryTextChanges(nodes: readonly NodeConnection[], now: number): number | undefined {
  const waits = nodes.flatMap(({ retryAt }) => {
    const left = (retryAt ?? 0) - now;
    return left <= step ? [] : [left % step || step];
  });
  return waits.length === 0 ? undefined : Math.min(...waits);
}
