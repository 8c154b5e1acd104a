import type { Steps } from '../../steps.js';
import { sameNumber } from '../difference.js';
import { changers, type Tracing } from './tracing.js';
import { askedText, textOf } from './values.js';

/** One row of the table: CRI fields, where they go, and how to tell whether they did. */
export interface Rule {
  /** As CRI's messages name them, below ContainerConfig or PodSandboxConfig. */
  readonly fields: readonly string[];
  /** Where they go in the config.json. */
  readonly to: string;
  readonly trace: (tracing: Tracing) => Steps<void> | void;
}

/** A field that goes to one place as it is. Zero, empty and false are left out. */
export function scalar(field: string, to: string, how: string, by: string = changers.any): Rule {
  return { fields: [field], to, trace: (tracing) => traceScalar(tracing, field, to.split('.'), how, by) };
}

/** A field that leaves nothing in the config.json. */
export function untraced(field: string, how: string): Rule {
  return { fields: [field], to: '(none)', trace: (tracing) => tracing.say(tracing.name(field), how) };
}

function traceScalar(tracing: Tracing, field: string, path: string[], how: string, by: string): void {
  const name = tracing.name(field);
  const wanted = tracing.wants(...field.split('.'));
  const want = askedText(wanted);
  const found = tracing.has(...path);
  const have = textOf(found);
  if (want === undefined) {
    if (wanted) tracing.say(name, 'As good as not asked for: it is left out.');
    if (have !== undefined && askedText(found) === undefined) {
      tracing.claim({ path, kind: 'default', how: 'Not asked for.', fits: true });
    }
    return;
  }
  if (have === undefined) tracing.say(name, `The spec has nothing of it: ${by}.`);
  else if (have === want || sameNumber(have, want)) {
    tracing.claim({ path, kind: 'cri', fields: [name], value: want, how, fits: true });
  } else tracing.mismatch(path, name, want, by);
}
