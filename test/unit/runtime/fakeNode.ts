import { NodeError, type FileInfo, type Node } from '../../../src/node/node.js';
import type { ProcessRecord, ProcessTable } from '../../../src/model/process.js';

export interface FakeNodeOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** Socket path -> identity. */
  readonly sockets?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly processes?: readonly ProcessRecord[];
}

const unused = (): never => {
  throw new Error('not part of this test');
};

/** A Node over plain objects, for tests of what only reads. */
export function fakeNode({
  files = {},
  sockets = {},
  environment = {},
  processes = [],
}: FakeNodeOptions): Node {
  const missing = (path: string): NodeError => new NodeError('missing', `${path}: no such file`);
  return {
    kind: 'local',
    socket: (path) =>
      path in sockets ? Promise.resolve({ path, dispose: () => undefined }) : Promise.reject(missing(path)),
    dial: unused,
    run: unused,
    stat: (path): Promise<FileInfo> =>
      path in sockets
        ? Promise.resolve({ identity: sockets[path] ?? '', size: 0, modifiedAt: 0, type: 'socket' })
        : Promise.reject(missing(path)),
    list: unused,
    readFile: unused,
    readFiles: (paths) =>
      Promise.resolve(
        new Map(paths.map((path) => [path, path in files ? Buffer.from(files[path] ?? '') : missing(path)])),
      ),
    follow: unused,
    sweep: (): Promise<ProcessTable> =>
      Promise.resolve({
        takenAt: Date.now(),
        processes: new Map(processes.map((process) => [process.pid, process])),
      }),
    env: (name) => Promise.resolve(environment[name]),
    dispose: () => undefined,
  };
}

/** A process record with the given parts. */
export function processRecord(parts: Partial<ProcessRecord> & { readonly pid: number }): ProcessRecord {
  return {
    ppid: 1,
    state: 'S',
    comm: 'test',
    argv: ['test'],
    cgroups: ['/'],
    startTicks: 100,
    startedAt: 1000,
    ...parts,
  };
}
