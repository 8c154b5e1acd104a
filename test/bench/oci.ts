import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseJson } from '../../src/model/oci/json.js';
import { specReading } from '../../src/model/oci/readSpec.js';
import { traceSpec } from '../../src/model/oci/trace/traceSpec.js';
import { viewing } from '../../src/model/oci/view.js';
import type { Container, RuntimeSnapshot, Sandbox } from '../../src/model/snapshot.js';
import { runInTurns } from '../../src/model/steps.js';
import type { Node } from '../../src/node/node.js';
import type { RuntimeConnection } from '../../src/runtime/connection.js';
import { nodeFindings } from '../../src/runtime/specFindings.js';
import { breathe } from '../../src/util/async.js';
import { localNodeFromSource } from '../integration/nodeSupport.js';
import { longestStall, median, timings } from './measure.js';
import { result, type Result } from './report.js';

type Emit = (result: Result) => void;

const run = promisify(execFile);

const recorded = new URL('../fixtures/oci/containerd-2.1-main.json', import.meta.url);

/** Findings of 1,000 bundles on disk, and a 2 MB spec from its text to what a view may have. */
export async function ociGroup(emit: Emit): Promise<void> {
  const spec = withSeccomp(JSON.parse(await readFile(recorded, 'utf8')) as object);
  await nodeWide(spec, emit);
  await largeSpec(spec, emit);
}

async function nodeWide(spec: object, emit: Emit): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'criex-bench-'));
  const node = localNodeFromSource();
  try {
    const connection = await bundles(folder, node, JSON.stringify(spec), 1000);
    const times: number[] = [];
    const stall = await longestStall(async () => {
      times.push(...(await timings(5, () => nodeFindings(connection))));
    });
    const { read, notes } = await nodeFindings(connection);
    if (read.length !== 1000 || notes.length > 0) throw new Error(`${read.length} of 1000 specs were read`);
    const of = '1000 specs';
    const peer = await jqMilliseconds(privilegedFilter, folder);
    emit(
      result('oci', {
        ...{ name: `node-wide findings, ${of}`, ours: median(times), unit: 'ms', aim: '<= 1000' },
        ...(peer === undefined ? {} : { peer, peerName: 'jq, one such rule' }),
      }),
    );
    emit(result('oci', { name: `longest event-loop stall, ${of}`, ours: stall, unit: 'ms', aim: '<= 50' }));
  } finally {
    node.dispose();
    await rm(folder, { recursive: true });
  }
}

async function largeSpec(spec: object, emit: Emit): Promise<void> {
  const text = grown(spec, 2 * 1024 * 1024);
  const read = async (): Promise<void> => {
    const reading = await runInTurns(specReading(text, {}), breathe);
    await runInTurns(viewing(reading), breathe);
  };
  const times: number[] = [];
  const stall = await longestStall(async () => {
    times.push(...(await timings(10, read, 2)));
  });
  const of = `spec of ${(text.length / 1024 / 1024).toFixed(1)} MB`;
  emit(result('oci', { name: `to view sections, ${of}`, ours: median(times), unit: 'ms', aim: '<= 200' }));
  emit(result('oci', { name: `longest event-loop stall, ${of}`, ours: stall, unit: 'ms', aim: '<= 50' }));
  await traceLarge(text, of, emit);
}

/** By the rules of the runtime, as without a request every value has to be looked up. */
async function traceLarge(text: string, of: string, emit: Emit): Promise<void> {
  const node = parseJson(text);
  const context = { role: 'container', id: 'bench', runtime: 'containerd' } as const;
  const times: number[] = [];
  const stall = await longestStall(async () => {
    const trace = () => runInTurns(traceSpec(node, undefined, undefined, context), breathe);
    times.push(...(await timings(10, trace, 2)));
  });
  emit(result('oci', { name: `trace, ${of}`, ours: median(times), unit: 'ms', aim: '<= 1000' }));
  emit(result('oci', { name: `longest stall while tracing, ${of}`, ours: stall, unit: 'ms', aim: '<= 50' }));
}

/** As people ask it by hand; our findings are twelve such rules. */
const privilegedFilter =
  'select((.process.capabilities.bounding | length) >= 35 and .linux.seccomp == null) | input_filename';

/** What jq takes to read every bundle and answer one question; undefined where there is no jq. */
async function jqMilliseconds(filter: string, folder: string): Promise<number | undefined> {
  const command = ['-c', 'jq -c "$1" "$2"/*/config.json', 'sh', filter, folder];
  try {
    return median(await timings(5, () => run('sh', command)));
  } catch {
    return undefined;
  }
}

/** As large as the runtimes' own profiles. */
function withSeccomp(spec: object): object {
  const names = Array.from({ length: 380 }, (_, index) => `system_call_${index}`);
  const seccomp = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names, action: 'SCMP_ACT_ALLOW' }] };
  return {
    ...spec,
    linux: { ...('linux' in spec && typeof spec.linux === 'object' ? spec.linux : {}), seccomp },
  };
}

/** A spec with as many mounts, variables and annotations as it takes. */
function grown(spec: object, size: number): string {
  const count = Math.ceil(size / 335);
  const many = <T>(make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => make(index));
  const source =
    '/var/lib/kubelet/pods/753c5b08-b633-43ef-98a3-95372a233f24/volumes/kubernetes.io~empty-dir/data';
  return JSON.stringify({
    ...spec,
    process: {
      args: ['app'],
      env: many((index) => `VARIABLE_${index}=the value of variable ${index} in this container`),
    },
    mounts: many((index) => ({
      ...{ destination: `/data/${index}`, type: 'bind', source: `${source}-${index}` },
      options: ['rbind', 'rprivate', 'rw'],
    })),
    annotations: Object.fromEntries(
      many((index) => [
        `example.com/annotation-${index}`,
        `an annotation’s value that goes on for a while, ${index}`,
      ]),
    ),
  });
}

/** A connection whose runtime would reject every question. */
async function bundles(folder: string, node: Node, spec: string, count: number): Promise<RuntimeConnection> {
  const named = { attempt: 0, createdAt: 0, labels: {}, annotations: {} };
  const placeOf = async (id: string) => {
    const bundle = join(folder, id);
    await mkdir(bundle);
    await writeFile(join(bundle, 'config.json'), spec);
    return { ancestry: { links: [], lowLevel: { name: 'runc', bundle, source: 'bench' } } };
  };
  const sandboxes: Sandbox[] = [];
  for (let index = 0; index < count / 4; index++) {
    const id = `pod-${index}`;
    const containers: Container[] = [];
    for (const name of ['a', 'b', 'c']) {
      const own = {
        id: `${id}-${name}`,
        sandboxId: id,
        name,
        image: 'i',
        imageRef: 'r',
        state: 'running' as const,
      };
      containers.push({ ...named, ...own, ...(await placeOf(own.id)) });
    }
    const own = {
      id,
      name: id,
      namespace: 'bench',
      uid: id,
      runtimeHandler: '',
      state: 'ready' as const,
      containers,
    };
    sandboxes.push({ ...named, ...own, ...(await placeOf(id)) });
  }
  const snapshot: RuntimeSnapshot = {
    ...{ endpoint: 'unix:///bench.sock', name: 'bench', version: '1', apiVersion: 'v1', takenAt: 0 },
    ...{ conditions: [], sandboxes, orphans: [] },
  };
  const readSpec = (): Promise<never> => Promise.reject(new Error('not asked in this bench'));
  return { node, snapshot, endpoint: snapshot.endpoint, readSpec } as unknown as RuntimeConnection;
}
