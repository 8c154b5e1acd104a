import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SshNode } from '../../src/node/ssh/sshNode.js';
import { RuntimesOfNode } from '../../src/runtime/nodeConnection.js';
import type { CriRuntime } from '../../src/runtime/criRuntime.js';
import { silentLogger } from '../../src/util/logger.js';
import { startLab, type PodSpec } from '../lab/containerd.js';
import { SshLab } from '../lab/sshd.js';
import { median, timings } from './measure.js';
import { result, type Measured, type Result } from './report.js';

const pods = 100;
const containers = 2 * pods;
const addedMs = 50;
const mebibytes = 64;
const bytes = mebibytes * 1024 * 1024;

/** A node over ssh, on loopback, and behind a link that adds to each round trip, against what ssh(1) alone takes. */
export async function sshGroup(emit: (result: Result) => void): Promise<void> {
  const cri = await startLab({ pods: podSpecs(), progress: (line) => console.error(line) });
  const lab = await SshLab.create();
  const slow: { stop(): Promise<void> }[] = [];
  try {
    const sshd = await lab.sshd({ config: [`SetEnv CONTAINER_RUNTIME_ENDPOINT=${cri.endpoint}`] });
    const { name } = await lab.user({ root: true });
    const link = await slowLink(sshd.port);
    slow.push(link);
    await lab.host('near', [`Port ${sshd.port}`, `User ${name}`]);
    await lab.host('far', [`Port ${link.port}`, `User ${name}`]);
    const bench = new SshBench(lab, (measured) => emit(result('ssh', measured)));
    await bench.fromNothing('near');
    await bench.fromNothing('far');
    await bench.warm();
    await bench.log();
    await bench.exec();
  } finally {
    for (const link of slow) await link.stop();
    await lab.dispose();
    await cri.stop();
  }
}

function podSpecs(): PodSpec[] {
  return Array.from({ length: pods }, (_, index) => ({
    name: `pod-${index}`,
    containers: ['a', 'b'].map((name) => ({ name, command: ['sleep', '3600'] })),
  }));
}

async function slowLink(port: number): Promise<{ port: number; stop(): Promise<void> }> {
  const script = fileURLToPath(new URL('slowLink.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, String(port), String(addedMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  };
  return { port: Number(line), stop };
}

type Host = 'near' | 'far';
const places: Readonly<Record<Host, string>> = { near: 'loopback', far: `${addedMs} ms of round trip added` };

interface Opened {
  readonly node: SshNode;
  readonly runtimes: RuntimesOfNode;
  dispose(): void;
}

class SshBench {
  readonly #lab: SshLab;
  readonly #emit: (measured: Measured) => void;

  constructor(lab: SshLab, emit: (measured: Measured) => void) {
    this.#lab = lab;
    this.#emit = emit;
  }

  /** The endpoint is found as for anybody: by an environment variable, the configurations and the well-known places. */
  async fromNothing(host: Host): Promise<void> {
    const peer = median(await timings(5, () => this.#ssh(host, ['true']), 2));
    const ours = median(
      await timings(5, async () => {
        const opened = this.#open(host);
        await fullTree(opened.runtimes);
        opened.dispose();
      }),
    );
    this.#emit({
      name: `from nothing to ${containers} containers, ${places[host]}`,
      ...{ ours, peer, peerName: 'ssh host true', unit: 'ms', aim: '<= 3', aimOfRatio: true },
    });
  }

  async warm(): Promise<void> {
    const near = await this.#warmRefresh('near');
    this.#emit({
      name: `warm refresh, ${containers} containers, loopback`,
      ...{ ours: near, unit: 'ms', aim: '<= 150' },
    });
    const far = await this.#warmRefresh('far');
    this.#emit({ name: `warm refresh, ${containers} containers, ${places.far}`, ours: far, unit: 'ms' });
    this.#emit({
      name: 'round trips of a warm refresh',
      ...{ ours: (far - near) / addedMs, unit: 'round trips', aim: '<= 4' },
    });
  }

  async log(): Promise<void> {
    const path = join(this.#lab.folder, 'big.log');
    const line = `2026-01-01T00:00:00.000000000Z stdout F ${'x'.repeat(87)}\n`;
    await writeFile(path, line.repeat(bytes / line.length));
    const opened = this.#open('near');
    try {
      await opened.node.stat(path);
      const peer = median(await rates(() => this.#sshRate(['cat', path])));
      const followed = median(await rates(() => followRate(opened.node, path)));
      const page = 8 * 1024 * 1024;
      const ranges = median(
        await rates(async () => {
          const start = performance.now();
          for (let offset = 0; offset < bytes; offset += page)
            await opened.node.readFile(path, { offset, length: page });
          return rate(bytes, performance.now() - start);
        }),
      );
      const against = { peer, peerName: 'ssh host cat', unit: 'MB/s', aim: '>= 0.8', aimOfRatio: true };
      this.#emit({ name: `log of ${mebibytes} MiB, followed from its start`, ours: followed, ...against });
      this.#emit({ name: `log of ${mebibytes} MiB, read in ranges of 8 MiB`, ours: ranges, ...against });
    } finally {
      opened.dispose();
      await rm(path);
    }
  }

  /** Out of a container, by its runtime's streaming server. */
  async exec(): Promise<void> {
    const opened = this.#open('near');
    try {
      const runtime = await fullTree(opened.runtimes);
      const id = runtime.snapshot?.sandboxes[0]?.containers[0]?.id ?? '';
      const command = ['head', '-c', String(bytes), '/dev/zero'] as const;
      const peer = median(await rates(() => this.#sshRate(command)));
      const ours = median(
        await rates(async () => {
          const session = await runtime.exec(id, { command, tty: false, stdin: false });
          const meter = new Meter();
          session.onStdout((data) => meter.take(data.length));
          await new Promise((resolve) => session.onExit(resolve));
          return meter.rate();
        }),
      );
      const against = { peer, peerName: 'ssh host head -c', unit: 'MB/s', aim: '>= 0.8', aimOfRatio: true };
      this.#emit({ name: `exec, ${mebibytes} MiB of output`, ours, ...against });
    } finally {
      opened.dispose();
    }
  }

  async #warmRefresh(host: Host): Promise<number> {
    const opened = this.#open(host);
    try {
      await fullTree(opened.runtimes);
      await opened.runtimes.refresh();
      return median(await timings(20, () => opened.runtimes.poll(), 5));
    } finally {
      opened.dispose();
    }
  }

  #open(host: Host): Opened {
    const node = new SshNode({
      host,
      sudo: 'never',
      prompt: ({ text }) => Promise.reject(new Error(`asked: ${text}`)),
      logger: silentLogger,
      askpass: this.#lab.askpass,
      configFile: this.#lab.configFile,
    });
    const runtimes = new RuntimesOfNode({ id: host, label: host, node, link: node, logger: silentLogger });
    const dispose = (): void => {
      runtimes.dispose();
      node.dispose();
    };
    return { node, runtimes, dispose };
  }

  async #ssh(host: Host, command: readonly string[]): Promise<void> {
    const child = spawn('ssh', ['-F', this.#lab.configFile, host, ...command], { stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number];
    if (code !== 0) throw new Error(`ssh ${host} ended with ${code}`);
  }

  /** Bytes a second as this program receives them, from the first one on. */
  async #sshRate(command: readonly string[]): Promise<number> {
    const child = spawn('ssh', ['-F', this.#lab.configFile, 'near', ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const meter = new Meter();
    child.stdout.on('data', (chunk: Buffer) => meter.take(chunk.length));
    await once(child, 'close');
    return meter.rate();
  }
}

/** Resolves when each container has its process and address. */
function fullTree(runtimes: RuntimesOfNode): Promise<CriRuntime> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const runtime = runtimes.runtimes.find(({ snapshot }) => snapshot?.sandboxes.length === pods);
      if (!runtime) return;
      const placed = runtime.snapshot?.sandboxes.flatMap((pod) => pod.containers);
      const complete = placed?.filter((one) => one.pid !== undefined).length === containers;
      if (complete && runtime.snapshot?.sandboxes.every(({ ip }) => ip !== undefined)) resolve(runtime);
    };
    runtimes.onDidChange(look);
    runtimes.refresh().then(() => {
      look();
      reject(new Error(`not all were found: ${runtimes.reason ?? ''}`));
    }, reject);
  });
}

async function followRate(node: SshNode, path: string): Promise<number> {
  const meter = new Meter();
  await new Promise<void>((resolve) => {
    const follow = node.follow(path, 0, (event) => {
      if (event.type === 'data') meter.take(event.bytes.length);
      if (meter.total < bytes) return;
      follow.dispose();
      resolve();
    });
  });
  return meter.rate();
}

/** Rates of three runs after one that does not count. */
async function rates(run: () => Promise<number>): Promise<number[]> {
  await run();
  const all: number[] = [];
  for (let index = 0; index < 3; index++) all.push(await run());
  return all;
}

const rate = (count: number, ms: number): number => count / 1000 / ms;

/** Counts bytes from the first arrival to the last, in MB a second. */
class Meter {
  total = 0;
  #first = 0;
  #last = 0;

  take(count: number): void {
    this.#last = performance.now();
    if (this.total === 0) this.#first = this.#last;
    this.total += count;
  }

  rate(): number {
    return rate(this.total, this.#last - this.#first);
  }
}
