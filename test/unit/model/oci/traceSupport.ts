import { readFileSync, readdirSync } from 'node:fs';
import type { Trace } from '../../../../src/model/oci/insight.js';
import { nodeAt, parseJson, pathText, type JsonNode } from '../../../../src/model/oci/json.js';
import type { TraceContext } from '../../../../src/model/oci/trace/traceSpec.js';

const recorded = new URL('../../../fixtures/recorded/', import.meta.url);

/** What a trace takes, of one container or sandbox of a real runtime. */
export interface TraceInput {
  readonly spec: JsonNode;
  readonly request: JsonNode | undefined;
  readonly image: JsonNode | undefined;
  readonly context: TraceContext;
}

/** Of the images that the recordings were made with; ImageStatus wasn't recorded. */
const images = {
  container: parseJson('{"config":{"Env":["PATH=/bin"],"Cmd":["/bin/sh"]}}'),
  sandbox: parseJson('{"config":{"Env":["PATH=/bin"],"Entrypoint":["/pause"]}}'),
};

const inspected = (runtime: string, file: string): JsonNode =>
  parseJson(readFileSync(new URL(`${runtime}/inspect/${file}`, recorded), 'utf8'));

/** Names of the recorded answers: `ctr-106747ebbd92a.json`, `pod-24a28f13de28b.json`. */
export const inspectedFiles = (runtime: string): string[] =>
  readdirSync(new URL(`${runtime}/inspect`, recorded)).sort();

export function recordedInput(runtime: string, file: string): TraceInput {
  const answer = inspected(runtime, file);
  const role = file.startsWith('pod') ? 'sandbox' : 'container';
  const sandboxId = textAt(answer, 'info', 'sandboxID');
  const pod =
    role === 'container' && sandboxId !== undefined
      ? inspected(runtime, `pod-${sandboxId.slice(0, 13)}.json`)
      : undefined;
  const sandboxRequest = pod && nodeAt(pod, ['info', 'config']);
  const sandboxPid = Number(pod && textAt(pod, 'info', 'pid'));
  return {
    spec: nodeAt(answer, ['info', 'runtimeSpec'])!,
    request: nodeAt(answer, ['info', 'config']),
    image: images[role],
    context: {
      role,
      id: textAt(answer, 'status', 'id') ?? '',
      runtime: runtime.replace(/-\d.*/, ''),
      ...(sandboxId === undefined ? {} : { sandboxId }),
      ...(sandboxRequest ? { sandboxRequest } : {}),
      ...(sandboxPid > 0 ? { sandboxPid } : {}),
    },
  };
}

const textAt = (node: JsonNode, ...path: string[]): string | undefined => {
  const found = nodeAt(node, path);
  return found && 'text' in found ? found.text : undefined;
};

/** A trace for people who compare golden files. */
export function drawn({ origins, fates, notes }: Trace): string {
  const shown = (one: { readonly value?: string; readonly secret?: true }): string =>
    one.secret ? ' SECRET' : one.value === undefined ? '' : ` = ${one.value}`;
  return [
    ...origins.map(
      (origin) =>
        `${pathText(origin.path)}: ${origin.kind}, ${origin.proof}${origin.field === undefined ? '' : ` ${origin.field}`}${shown(origin)} (${origin.how})`,
    ),
    '',
    ...fates.map(
      (fate) => `${fate.field}${shown(fate)} -> ${fate.became.map(pathText).join(' ')} (${fate.how})`,
    ),
    ...notes.map((note) => `! ${note}`),
    '',
  ].join('\n');
}
