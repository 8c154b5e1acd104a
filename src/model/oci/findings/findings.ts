import { runNow, type Steps } from '../../steps.js';
import type { SpecFinding } from '../insight.js';
import type { JsonNode } from '../json.js';
import { apparmorOff, hostNamespaces, procAndSys, seccompOff } from './confinement.js';
import { expectedOf, type FindingContext } from './context.js';
import { hostMountRule, runtimeSocket } from './hostMounts.js';
import { capabilities, isPrivileged, newPrivileges, privileged, root } from './privileges.js';
import { devices, noLimit } from './resources.js';
import type { Rule } from './rule.js';

const rules: readonly Rule[] = [
  privileged,
  runtimeSocket,
  hostNamespaces,
  hostMountRule,
  capabilities,
  devices,
  procAndSys,
  root,
  seccompOff,
  apparmorOff,
  noLimit,
  newPrivileges,
];

const order = { high: 0, medium: 1, low: 2 } as const;

/** What a careful person would want to know of a spec, the gravest first. Throws for no spec, however odd. */
export const specFindings = (spec: JsonNode, context: FindingContext): SpecFinding[] =>
  runNow(findingsIn(spec, context));

/** As {@link specFindings}, in steps. */
export function* findingsIn(spec: JsonNode, context: FindingContext): Steps<SpecFinding[]> {
  const expected = expectedOf(context);
  const all = isPrivileged(spec);
  const found: SpecFinding[] = [];
  for (const rule of rules) {
    yield;
    for (const one of rule(spec, context, all))
      found.push(expected === undefined ? one : { ...one, expected });
  }
  return found.sort((a, b) => order[a.severity] - order[b.severity]);
}
