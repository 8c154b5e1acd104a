import { beforeEach, expect, test, vi } from 'vitest';
import { CriError } from '../../../src/cri/errors.js';
import type { ProcessTable } from '../../../src/model/process.js';
import { CriRuntime } from '../../../src/runtime/criRuntime.js';
import { silentLogger } from '../../../src/util/logger.js';
import { fakeNode } from './fakeNode.js';

const cri = vi.hoisted(() => ({ hangs: false, statuses: [] as string[] }));

/** A runtime with one container, which no cgroup places. */
vi.mock('../../../src/cri/client.js', () => ({
  CriClient: class {
    readonly #answer = <T>(answer: T): Promise<T> =>
      cri.hangs ? Promise.reject(new CriError('hung', 'no answer within 5 s')) : Promise.resolve(answer);
    version = () => this.#answer({ name: 'containerd', version: '2.0', apiVersion: 'v1' });
    status = () => this.#answer({ conditions: [], info: {} });
    listPodSandboxes = () => this.#answer([]);
    listContainers = () => this.#answer([{ id: 'c1', sandboxId: 's', name: 'main', state: 'running' }]);
    containerStatus = (id: string) => {
      cri.statuses.push(id);
      return this.#answer({});
    };
    dispose = () => undefined;
  },
}));

const path = '/run/containerd/containerd.sock';
const nothing: ProcessTable = { takenAt: 0, processes: new Map() };

const runtimeWith = (sweep: () => Promise<ProcessTable>): CriRuntime =>
  new CriRuntime({
    nodeId: 'n',
    nodeLabel: 'n',
    node: fakeNode({ sockets: { [path]: '1:1' } }),
    endpoint: { uri: `unix://${path}`, path },
    recentProcesses: sweep,
    newerProcesses: sweep,
    logger: silentLogger,
  });

beforeEach(() => {
  cri.hangs = false;
  cri.statuses.length = 0;
});

test('what was cut off while it was read stays lost, though its lists had come', async () => {
  let cut = (): void => undefined;
  const runtime = runtimeWith(() => {
    cut();
    return Promise.resolve(nothing);
  });
  await runtime.refresh();
  expect(runtime.state).toBe('ready');
  cut = () => runtime.cutOff('the link broke');
  await runtime.refresh();
  expect(runtime.state).toBe('lost');
  expect(runtime.reason).toBe('the link broke');
  cut = () => undefined;
  await runtime.refresh();
  expect(runtime.state).toBe('ready');
});

test('a runtime that does not answer is not asked for pids too', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const runtime = runtimeWith(() => Promise.resolve(nothing));
  await runtime.refresh();
  expect(cri.statuses).toEqual(['c1']);
  vi.setSystemTime(Date.now() + 3_600_000);
  cri.hangs = true;
  await runtime.refresh();
  vi.useRealTimers();
  expect(runtime.state).toBe('lost');
  expect(cri.statuses).toEqual(['c1']);
});
