import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ProcessRecord, ProcessTable } from '../../src/model/process.js';
import { localNodeFromSource } from '../integration/nodeSupport.js';
import type { Node } from '../../src/node/node.js';
import { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import { silentLogger } from '../../src/util/logger.js';
import { CriClient } from '../../src/cri/client.js';
import { startLab, type PodSpec } from '../lab/containerd.js';
import { longestStall, median, timings } from './measure.js';
import { result, type Result } from './report.js';

const run = promisify(execFile);
type Emit = (result: Result) => void;

/** A warm refresh on a real node against ctr and ps, then growth against a server of our own. */
export async function snapshotGroup(emit: Emit): Promise<void> {
  await realNode(emit);
  for (const containers of [10, 100, 1000, 5000]) await grownNode(containers, emit);
}

const connectionOn = (endpoint: string, node: Node): RuntimesOfNode =>
  new RuntimesOfNode({ id: 'bench', label: 'bench', node, endpoint, logger: silentLogger });

async function realNode(emit: Emit): Promise<void> {
  const pods = Array.from({ length: 100 }, (_, index): PodSpec => ({
    name: `pod-${index}`,
    containers: ['a', 'b'].map((name) => ({ name, command: ['sleep', '3600'] })),
  }));
  const lab = await startLab({ pods, progress: (line) => console.error(line) });
  const node = localNodeFromSource();
  const connection = connectionOn(lab.endpoint, node);
  try {
    await connection.refresh();
    const runtime = connection.runtimes[0];
    const placed = runtime?.snapshot?.sandboxes
      .flatMap((pod) => pod.containers)
      .filter((one) => one.pid !== undefined);
    if (placed?.length !== 200) throw new Error(`${placed?.length ?? 0} of 200 containers have a process`);
    const before = runtime?.rpcCount ?? 0;
    await connection.poll();
    const rpcs = (runtime?.rpcCount ?? 0) - before;
    const ours = median(await timings(30, () => connection.poll(), 5));
    const peer = median(
      await timings(5, async () => {
        await lab.ctr('containers', 'ls');
        await lab.ctr('tasks', 'ls');
        await run('ps', ['-eo', 'pid,ppid,lstart,cgroup,args'], { maxBuffer: 64 * 1024 * 1024 });
      }),
    );
    const at = '100 real pods, 200 containers';
    emit(
      result('snapshot', {
        name: `warm refresh, ${at}`,
        ours,
        peer,
        peerName: 'ctr + ps',
        unit: 'ms',
        aim: '<= 60',
      }),
    );
    emit(result('snapshot', { name: `RPCs per refresh, ${at}`, ours: rpcs, unit: 'RPCs', aim: '<= 5' }));
  } finally {
    connection.dispose();
    node.dispose();
    await lab.stop();
  }
}

async function grownNode(containers: number, emit: Emit): Promise<void> {
  const server = await startServer(containers);
  const node = localNodeFromSource();
  const connection = connectionOn(
    `unix://${server.socketPath}`,
    await withProcesses(node, server.socketPath),
  );
  try {
    await connection.refresh();
    const runtime = connection.runtimes[0];
    const before = runtime?.rpcCount ?? 0;
    await connection.poll();
    const rpcs = (runtime?.rpcCount ?? 0) - before;
    const times: number[] = [];
    const stall = await longestStall(async () => {
      times.push(...(await timings(10, () => connection.poll(), 3)));
    });
    const large = containers === 5000;
    const emitOne = (what: string, ours: number, unit: string, aim?: string): void =>
      emit(
        result('snapshot', {
          name: `${what}, ${containers} containers`,
          ours,
          unit,
          ...(aim ? { aim } : {}),
        }),
      );
    emitOne('warm refresh', median(times), 'ms', large ? '<= 1000' : undefined);
    emitOne('longest event-loop stall', stall, 'ms', large ? '<= 50' : undefined);
    emitOne('RPCs per refresh', rpcs, 'RPCs', '<= 5');
  } finally {
    connection.dispose();
    node.dispose();
    server.process.kill();
    await once(server.process, 'exit');
  }
}

export async function startServer(
  containers: number,
): Promise<{ process: ChildProcess; socketPath: string }> {
  const script = fileURLToPath(new URL('fakeServer.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, String(containers)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [socketPath] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { process: child, socketPath };
}

/** The node with a process table that has a shim for each sandbox and two processes for each container. */
export async function withProcesses(node: Node, socketPath: string): Promise<Node> {
  const client = new CriClient(socketPath);
  const [sandboxes, containers] = await Promise.all([client.listPodSandboxes(), client.listContainers()]);
  client.dispose();
  const processes = new Map<number, ProcessRecord>();
  let next = 2;
  const add = (ppid: number, comm: string, argv: readonly string[], cgroup: string): number => {
    const pid = next++;
    processes.set(pid, {
      pid,
      ppid,
      state: 'S',
      comm,
      argv,
      cgroups: [cgroup],
      startTicks: pid,
      startedAt: pid * 10,
    });
    return pid;
  };
  processes.set(1, {
    ...{ pid: 1, ppid: 0, state: 'S', comm: 'systemd', argv: ['/sbin/init'], cgroups: ['/init.scope'] },
    ...{ startTicks: 1, startedAt: 10 },
  });
  const shims = new Map<string, number>();
  for (const { id, uid } of sandboxes) {
    const argv = [
      '/usr/bin/containerd-shim-runc-v2',
      '-namespace',
      'k8s.io',
      '-id',
      id,
      '-address',
      '/x.sock',
    ];
    const shim = add(1, 'containerd-shim', argv, '/system.slice/containerd.service');
    shims.set(id, shim);
    add(shim, 'pause', ['/pause'], `/kubepods/burstable/pod${uid}/${id}`);
  }
  for (const { id, sandboxId } of containers) {
    const cgroup = `/kubepods/burstable/podx/${id}`;
    const first = add(shims.get(sandboxId) ?? 1, 'sh', ['sh', '-c', 'serve'], cgroup);
    add(first, 'serve', ['serve', '--port', '8080'], cgroup);
  }
  const overrides: Partial<Node> = {
    sweep: (): Promise<ProcessTable> => Promise.resolve({ takenAt: Date.now(), processes }),
    readFiles: () => Promise.resolve(new Map<string, never>()),
  };
  return new Proxy(node, {
    get(target, key) {
      const value: unknown = key in overrides ? Reflect.get(overrides, key) : Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
