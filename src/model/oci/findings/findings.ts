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
export function specFindings(spec: JsonNode, context: FindingContext): SpecFinding[] {
  const expected = expectedOf(context);
  const all = isPrivileged(spec);
  return rules
    .flatMap((rule) => rule(spec, context, all))
    .map((found) => (expected === undefined ? found : { ...found, expected }))
    .sort((a, b) => order[a.severity] - order[b.severity]);
}
