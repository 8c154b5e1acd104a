import { expect, it } from 'vitest';
import type { ProcessRecord } from '../../../../src/model/process.js';
import { recording, tableOf, type recordedRuntimes } from '../recorded.js';
import { processes } from '../runtimes/tables.js';
import { chainOf, drawing, snapshotOf } from './chains.js';

/** The recordings hold the containers' own lines; the daemons are added as the recorded nodes ran them. */
const nodes: readonly {
  readonly runtime: (typeof recordedRuntimes)[number];
  readonly name: string;
  readonly endpoint: string;
  readonly daemons: string;
}[] = [
  {
    runtime: 'containerd-1.7',
    name: 'containerd',
    endpoint: 'unix:///run/containerd/containerd.sock',
    daemons: '2 1 / /usr/bin/containerd',
  },
  {
    runtime: 'cri-o-1.37',
    name: 'cri-o',
    endpoint: 'unix:///var/run/crio/crio.sock',
    daemons: '2 1 / /usr/bin/crio',
  },
  {
    runtime: 'cri-dockerd',
    name: 'docker',
    endpoint: 'unix:///run/cri-dockerd.sock',
    daemons: `2 1 / /usr/bin/cri-dockerd --container-runtime-endpoint fd://
      3 1 / /usr/sbin/dockerd
      4 3 / containerd --config /var/run/docker/containerd/containerd.toml`,
  },
];

it.each(nodes)('$runtime, recorded', async ({ runtime, name, endpoint, daemons }) => {
  const { table: recorded, targets } = recording(runtime);
  const added: ProcessRecord[] = processes(daemons);
  const table = tableOf([
    ...recorded.processes.values(),
    ...added.map((one) => ({ ...one, startTicks: 1e9 })),
  ]);
  const snapshot = snapshotOf({ name, endpoint, table, targets });
  const running = snapshot.sandboxes.find(
    ({ state, containers }) => state === 'ready' && containers.some((one) => one.state === 'running'),
  )!;
  const lines = [
    ...drawing(chainOf(snapshot, { table, scope: { kind: 'node' } })),
    '',
    ...drawing(chainOf(snapshot, { table, scope: { kind: 'sandbox', endpoint, id: running.id } })),
  ];
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/${runtime}.txt`);
});
