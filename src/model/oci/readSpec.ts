import { runNow, type Steps } from '../steps.js';
import { isScalar, Reading, type Cursor } from './cursor.js';
import { parsing, pathText, type JsonNode, type JsonPath } from './json.js';
import { mountRows } from './readMounts.js';
import { namespaceRows } from './readNamespaces.js';
import { capabilityRows, envRows, processRows } from './readProcess.js';
import { deviceRows, resourceRows } from './readResources.js';
import { hookRows, pathRows, seccompRows } from './readSecurity.js';
import { personalityRows } from './readTuning.js';
import { sectionIds, type SectionId, type SpecContext, type SpecReading, type SpecRow } from './spec.js';

/**
 * Lays out an OCI config.json (runtime-spec 1.0 to 1.2, Linux) for reading. Takes whatever a runtime or a stranger
 * wrote: unknown members are shown, values of a wrong type are shown as they are. Sections without rows are left out.
 * @throws Error with a reason for people when the text is no JSON or no object
 */
export const readSpec = (text: string, context: SpecContext = {}): SpecReading =>
  runNow(specReading(text, context));

/** As {@link readSpec}, in steps: between values, and between the rows of the lists that can be long. */
export function* specReading(text: string, context: SpecContext): Steps<SpecReading> {
  const root = yield* parsingRoot(text);
  const reading = new Reading(text, context);
  const spec = reading.object([], root);
  if (!spec)
    throw new Error(`the spec is not a JSON object but ${root.type === 'array' ? 'a list' : root.type}`);
  const rows = yield* sectionRows(spec);
  for (const path of yield* duplicatePaths(root)) {
    reading.problems.push({ path, message: `${pathText(path)} occurs more than once; the last one counts` });
  }
  return {
    sections: sectionIds.map((id) => ({ id, rows: rows[id] })).filter((section) => section.rows.length > 0),
    problems: reading.problems,
  };
}

function* parsingRoot(text: string): Steps<JsonNode> {
  if (text.trim() === '') throw new Error('the spec is empty');
  try {
    return yield* parsing(text);
  } catch (error) {
    // Without JSON.parse's own message, which quotes the text and so may show a secret.
    throw new Error('the spec is not valid JSON; it may be cut short', { cause: error });
  }
}

function* sectionRows(spec: Cursor): Steps<Readonly<Record<SectionId, readonly SpecRow[]>>> {
  const { reading } = spec;
  const process = spec.object('process');
  const linux = spec.object('linux');
  const rows = {
    process: [...(process ? processRows(process) : []), ...personalityRows(linux)],
    environment: process ? yield* envRows(reading, process.at('env'), process.array('env')) : [],
    capabilities: process ? capabilityRows(process.object('capabilities')) : [],
    root: rootRows(spec, linux),
    mounts: yield* mountRows(spec),
    namespaces: linux ? namespaceRows(linux) : [],
    resources: linux ? resourceRows(linux) : [],
    seccomp: linux ? seccompRows(linux) : [],
    hooks: hookRows(spec),
    annotations: yield* annotationRows(spec.object('annotations')),
    paths: linux ? pathRows(linux) : [],
    sysctl: linux?.object('sysctl')?.rest() ?? [],
    devices: linux ? deviceRows(linux) : [],
  };
  // Last: what no section asked for.
  for (const cursor of [process, linux, spec]) cursor?.leave();
  return { ...rows, other: reading.leftovers };
}

function* annotationRows(annotations: Cursor | undefined): Steps<SpecRow[]> {
  return annotations ? yield* annotations.resting() : [];
}

/** `root`, and what else says how the container looks from inside. */
function rootRows(spec: Cursor, linux: Cursor | undefined): SpecRow[] {
  const root = spec.object('root');
  return [
    ...(root?.field('path', 'Root folder', 'string') ?? []),
    ...(root?.field('readonly', 'Read-only', 'boolean') ?? []),
    ...(root?.rest() ?? []),
    ...spec.field('hostname', 'Host name', 'string'),
    ...spec.field('domainname', 'Domain name', 'string'),
    ...(linux?.field('rootfsPropagation', 'Mount propagation', 'string') ?? []),
    ...(linux?.field('mountLabel', 'SELinux mount label', 'string') ?? []),
    ...spec.field('ociVersion', 'OCI version', 'string'),
  ];
}

/** More are of no use to a person, and each may have a path as long as the document is deep. */
const mostDuplicates = 20;

/** Where a key occurs twice; walks without recursion, as a document may be nested deeply. */
function* duplicatePaths(root: JsonNode): Steps<JsonPath[]> {
  const found: JsonPath[] = [];
  interface Step {
    readonly node: JsonNode;
    readonly key: string | number;
    readonly parent: Step | undefined;
  }
  const pathOf = (step: Step | undefined): (string | number)[] => {
    const path: (string | number)[] = [];
    for (let at = step; at?.parent; at = at.parent) path.unshift(at.key);
    return path;
  };
  const waiting: Step[] = [{ node: root, key: '', parent: undefined }];
  for (let step = waiting.pop(); step && found.length < mostDuplicates; step = waiting.pop()) {
    yield;
    const parent = step;
    const visit = (key: string | number, node: JsonNode): void => {
      if (!isScalar(node)) waiting.push({ node, key, parent });
    };
    if (step.node.type === 'array') for (const [index, node] of step.node.items.entries()) visit(index, node);
    else if (step.node.type === 'object') {
      for (const key of new Set(step.node.duplicates)) found.push([...pathOf(parent), key]);
      for (const [key, node] of step.node.members) visit(key, node);
    }
  }
  return found;
}
