import { runNow, type Steps } from '../../steps.js';
import type { Trace } from '../insight.js';
import type { JsonNode } from '../json.js';
import { claimByRule } from './byRule.js';
import { containerRules } from './containerRules.js';
import { asksForCdi } from './devices.js';
import { fatesOf } from './fates.js';
import { placesOf, type PlaceOfSpec } from './places.js';
import { sandboxRules } from './sandboxRules.js';
import { Tracing, type TraceContext } from './tracing.js';
import { askedText, at, membersOf, textOf } from './values.js';

export type { TraceContext } from './tracing.js';

/**
 * Where the values of a config.json came from, and what became of the fields of the request that it was made of.
 * @param request runtime.v1.ContainerConfig or PodSandboxConfig as Go writes it: `config` of containerd's verbose status
 * @param image the OCI image config: `imageSpec` of the verbose ImageStatus
 */
export const trace = (
  spec: JsonNode,
  request: JsonNode | undefined,
  image: JsonNode | undefined,
  context: TraceContext,
): Trace => runNow(traceSpec(spec, request, image, context));

/** As {@link trace}, in steps. */
export function* traceSpec(
  spec: JsonNode,
  request: JsonNode | undefined,
  image: JsonNode | undefined,
  context: TraceContext,
): Steps<Trace> {
  const tracing = new Tracing(spec, request, image, context);
  const places = yield* placesOf(spec);
  if (request) {
    for (const rule of context.role === 'sandbox' ? sandboxRules : containerRules) {
      const steps = rule.trace(tracing);
      if (steps) yield* steps;
      yield;
    }
    yield* claimRest(tracing, places);
  } else yield* claimByRule(tracing, places);
  return { origins: tracing.origins, fates: yield* fatesOf(tracing), notes: context.notes ?? [] };
}

/** What CDI may bring. */
const byCdi =
  /^(mounts|hooks|process\.env|linux\.devices|linux\.resources\.devices|process\.user\.additionalGids)\b/;

/** Values that neither the request, the image nor the defaults explain. */
function* claimRest(tracing: Tracing, places: readonly PlaceOfSpec[]): Steps<void> {
  const cdi = [...asksForCdi(tracing)];
  const base = baseSpecOf(tracing);
  for (const { path } of places) {
    yield;
    if (tracing.isClaimed(path)) continue;
    const where = path.filter((step) => typeof step === 'string').join('.');
    if (cdi.length > 0 && byCdi.test(where)) {
      const how =
        'Not of the request itself: a device that it asks for through CDI brings what its file on the node says.';
      tracing.claim({ path, kind: 'plugin', fields: cdi, how });
    } else if (base !== undefined) {
      const how =
        'Not of the request. The runtime handler starts from this file of the node (base_runtime_spec), which may have it.';
      tracing.claim({ path, kind: 'default', value: base, how });
    } else if (path[0] === 'hooks') {
      const how = 'CRI knows no hooks: a plugin (NRI) or a wrapper around the low-level runtime added it.';
      tracing.claim({ path, kind: 'plugin', how });
    } else tracing.claim({ path, kind: 'unknown', how: unexplained });
  }
}

const unexplained =
  'Neither the request, the image nor the runtime’s defaults explain it: a plugin (NRI, CDI), a later UpdateContainerResources or a wrapper around the low-level runtime may have set it.';

/** `containerd.runtimes.HANDLER.baseRuntimeSpec` of containerd's own account of its configuration. */
function baseSpecOf({ context }: Tracing): string | undefined {
  const settings = at(context.settings, 'containerd');
  const handler =
    (context.handler === '' ? undefined : context.handler) ??
    textOf(at(settings, 'defaultRuntimeName')) ??
    '';
  for (const [name, runtime] of membersOf(at(settings, 'runtimes'))) {
    if (name === handler) return askedText(at(runtime, 'baseRuntimeSpec'));
  }
  return undefined;
}
