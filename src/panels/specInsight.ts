import * as vscode from 'vscode';
import type { Fate, Origin, ProcessReality, SpecFinding, Trace } from '../model/oci/insight.js';
import { parsing, type JsonNode } from '../model/oci/json.js';
import { SecretPaths } from '../model/oci/secretPaths.js';
import type { SpecReading } from '../model/oci/spec.js';
import { cut } from '../model/oci/view.js';
import { clip } from '../model/visible.js';
import { findById } from '../model/picture.js';
import { runInTurns, type Steps } from '../model/steps.js';
import type { DifferenceView, ProcessName, SourcesView, SpecInsight } from '../protocol/inspect.js';
import type { RuntimeConnection } from '../runtime/connection.js';
import { readReality } from '../runtime/realityReader.js';
import { findingsOf } from '../runtime/specFindings.js';
import { readSpecSources, type SpecSources } from '../runtime/specReader.js';
import { readTraced, type ImageConfig } from '../runtime/traceReader.js';
import { breathe, messageOf } from '../util/async.js';

/** A spec as it was read, and what was made of it. */
export interface ReadSpec {
  readonly text: string;
  readonly reading: SpecReading;
}

/** More are of no use in a page; the diff editor shows all. */
const mostDifferences = 200;
const mostProcesses = 200;
const longestText = 300;
const masked = '••••••••';

/**
 * What else is known of a spec: where its values came from, what the kernel says, what is risky, and which texts there
 * are. Parts are read at the same time; one that fails is a note. Rejects only when the signal aborts, or when the spec
 * is no JSON. Values of secret rows are left out.
 */
export async function readInsight(
  connection: RuntimeConnection,
  id: string,
  spec: ReadSpec,
  signal: AbortSignal,
): Promise<SpecInsight> {
  const run = <T>(steps: Steps<T>): Promise<T> =>
    runInTurns(steps, async () => {
      await breathe();
      signal.throwIfAborted();
    });
  const node = await run(parsing(spec.text));
  const secrets = new SecretPaths(spec.reading);
  const processes = processesOf(connection, id);
  const notes: string[] = [];
  const part = async <T>(reading: Promise<T>, failed: (reason: string) => string): Promise<T | undefined> => {
    try {
      return await reading;
    } catch (error) {
      signal.throwIfAborted();
      notes.push(failed(messageOf(error)));
      return undefined;
    }
  };
  const [traced, reality, findings, sources] = await Promise.all([
    part(readTraced(connection, id, node, signal), (reason) =>
      vscode.l10n.t('Where values came from can’t be told: {0}', reason),
    ),
    part(readReality(connection, id, [], signal, node), (reason) =>
      vscode.l10n.t('The kernel can’t be asked: {0}', reason),
    ),
    part(findingsOf(connection, id, node, signal), (reason) =>
      vscode.l10n.t('Nothing can be told of risks: {0}', reason),
    ),
    part(readSpecSources(connection, id, signal), (reason) =>
      vscode.l10n.t('The texts of the spec can’t be compared: {0}', reason),
    ),
  ]);
  return {
    ...(traced ? shownTrace(traced.trace, secrets) : { origins: [], fates: [] }),
    findings: (findings ?? []).map((finding) => shownFinding(finding, secrets)),
    ...(reality ? { reality: shownReality(reality.first, secrets) } : {}),
    processes,
    ...(sources ? { sources: shownSources(sources, traced?.image, secrets) } : {}),
    notes: [...(traced?.trace.notes ?? []), ...notes],
  };
}

/** The facts of another process, without secrets. Rejects with a reason for people. */
export async function readProcessReality(
  connection: RuntimeConnection,
  id: string,
  pid: number,
  spec: ReadSpec,
  signal: AbortSignal,
): Promise<ProcessReality> {
  if (!processesOf(connection, id).some((process) => process.pid === pid))
    throw new Error(vscode.l10n.t('It has no process {0} any more. Read again to see those it has.', pid));
  const node = await runInTurns(parsing(spec.text), breathe);
  const { first, others } = await readReality(connection, id, [pid], signal, node);
  const found = [first, ...others].find((process) => process.pid === pid);
  if (!found) throw new Error(vscode.l10n.t('The process {0} has ended.', pid));
  return shownReality(found, new SecretPaths(spec.reading));
}

/** The first process and those below it. Arguments are left out: they may be secrets. */
function processesOf({ snapshot }: RuntimeConnection, id: string): readonly ProcessName[] {
  const { sandbox, container } = findById(snapshot, id);
  const { pid, ancestry } = container ?? sandbox ?? {};
  if (pid === undefined || !ancestry) return [];
  const at = ancestry.links.findIndex((link) => link.pid === pid);
  const links = at < 0 ? [] : ancestry.links.slice(at, at + mostProcesses);
  const names = links.map((link) => ({ pid: link.pid, program: short(link.command[0] ?? '') }));
  return names.length > 0 ? names : [{ pid, program: '' }];
}

function shownTrace({ origins, fates }: Trace, secrets: SecretPaths): Pick<Trace, 'origins' | 'fates'> {
  const shown = <T extends Origin | Fate>(one: T, secret: boolean): T => {
    const { value, ...rest } = one;
    if (value === undefined) return one;
    return (secret ? { ...rest, secret: true } : { ...rest, value: cut(value).value }) as T;
  };
  return {
    origins: origins.map((origin) => shown(origin, secrets.touches(origin.path))),
    fates: fates.map((fate) =>
      shown(
        fate,
        fate.became.some((path) => secrets.touches(path)),
      ),
    ),
  };
}

function shownFinding(finding: SpecFinding, secrets: SecretPaths): SpecFinding {
  return { ...finding, value: secrets.touches(finding.path) ? masked : short(finding.value) };
}

function shownReality({ pid, command, facts }: ProcessReality, secrets: SecretPaths): ProcessReality {
  return {
    pid,
    command: command.slice(0, 1).map(short),
    facts: facts.map((fact) => {
      const say = (text: string): string => (secrets.touches(fact.path) ? masked : cut(text).value);
      return {
        ...fact,
        spec: say(fact.spec),
        ...(fact.kernel === undefined ? {} : { kernel: say(fact.kernel) }),
      };
    }),
  };
}

function shownSources(
  { status, bundle, missing, differences }: SpecSources,
  image: ImageConfig | undefined,
  secrets: SecretPaths,
): SourcesView {
  const unknown = vscode.l10n.t('It was not read.');
  return {
    runtimeSpec: status
      ? { place: vscode.l10n.t('CRI’s verbose status') }
      : { missing: missing.status ?? unknown },
    bundle: bundle ? { place: bundle.path ?? 'config.json' } : { missing: missing.bundle ?? unknown },
    image: image?.node ? { place: image.image ?? '' } : { missing: image?.reason ?? unknown },
    ...(status && bundle && differences
      ? {
          differences: differences.slice(0, mostDifferences).map(({ path, left, right }): DifferenceView => {
            const hidden = [left, right].some((node) => node && secrets.hides(path, node));
            if (hidden) return { path, secret: true };
            return {
              path,
              ...(left ? { left: textOf(left, status.text) } : {}),
              ...(right ? { right: textOf(right, bundle.text) } : {}),
            };
          }),
        }
      : {}),
    differenceCount: differences?.length ?? 0,
  };
}

/** As it is written; of what holds others only how many, as one of them may be a secret. */
function textOf(node: JsonNode, text: string): string {
  if (node.type === 'array') return `[${node.items.length}]`;
  if (node.type === 'object') return `{${node.members.size}}`;
  return short(text.slice(node.start, node.end));
}

const short = (text: string): string => clip(text, longestText);
