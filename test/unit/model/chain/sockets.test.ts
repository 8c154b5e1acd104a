import { describe, expect, it } from 'vitest';
import type { SocketEvidence } from '../../../../src/model/chain/chainGraph.js';
import type { ChainGraph } from '../../../../src/model/chain/graph.js';
import type { JoinTarget } from '../../../../src/model/join.js';
import type { UnixSocket } from '../../../../src/model/procUnix.js';
import { processes } from '../runtimes/tables.js';
import { tableOf } from '../recorded.js';
import { chainOf, drawing, snapshotOf } from './chains.js';

const path = '/run/containerd/containerd.sock';
const endpoint = `unix://${path}`;

const text = `
  1 0 / /sbin/init
  400 1 / /usr/bin/containerd --config /etc/other.toml
  500 1 / /usr/bin/containerd
  510 1 / /usr/bin/kubelet
  900 1 / containerd-shim-runc-v2 -namespace k8s.io -id SANDBOX -address ${path}
  920 900 /kubepods/podx/SANDBOX /pause`;

const listening: UnixSocket = { inode: 41, listening: true, path: `/var${path}` };
const accepted: UnixSocket = { inode: 42, listening: false, path: `/var${path}` };
const inodes = (...list: number[]): ReadonlySet<number> => new Set(list);

/** containerd 500 listens; its connections lead to the kubelet (42-43) and to the shim (44-45). */
const whole: SocketEvidence = {
  sockets: new Map([
    [41, listening],
    [42, accepted],
    ...[43, 44, 45].map((inode): [number, UnixSocket] => [inode, { inode, listening: false }]),
  ]),
  peers: new Map([
    [42, 43],
    [43, 42],
    [44, 45],
    [45, 44],
  ]),
  open: new Map([
    [400, inodes()],
    [500, inodes(41, 42, 44)],
    [510, inodes(43)],
    [900, inodes(45)],
  ]),
};

const { peers: _, ...withoutPeers } = whole;

function chain(
  sockets: SocketEvidence | undefined,
  away = false,
  without: readonly number[] = [],
): ChainGraph {
  const table = tableOf(processes(text).filter(({ pid }) => !without.includes(pid)));
  const targets: JoinTarget[] = [{ id: 'a'.repeat(64), role: 'sandbox', running: true }];
  const snapshot = snapshotOf({ name: 'containerd', endpoint, table, targets });
  return chainOf(snapshot, { table, scope: { kind: 'node' }, away, ...(sockets ? { sockets } : {}) });
}

const calls = (graph: ChainGraph): string[] => drawing(graph).filter((line) => /^(cri|ttrpc)/.test(line));
const evidence = (graph: ChainGraph): string[] =>
  graph.edges.filter(({ kind }) => kind === 'cri' || kind === 'ttrpc').map((edge) => edge.evidence);

describe('what sockets prove', () => {
  it('who listens and who is connected', () => {
    expect(calls(chain(whole))).toEqual([
      'cri!: kubelet kubelet 510 -> socket containerd.sock',
      'cri!: socket containerd.sock -> server containerd 500',
      'ttrpc!: server containerd 500 -> shim containerd-shim-runc-v2 900',
    ]);
    expect(evidence(chain(whole))[0]).toMatch(/^kubelet \(pid 510\) holds the other end of a connection/);
  });

  it('without ss: who listens only, and that someone is connected', () => {
    const graph = chain(withoutPeers);
    expect(calls(graph)).toEqual([
      'cri: kubelet kubelet 510 -> socket containerd.sock',
      'cri!: socket containerd.sock -> server containerd 500',
      'ttrpc: server containerd 500 -> shim containerd-shim-runc-v2 900',
    ]);
    expect(evidence(graph)[0]).toMatch(
      /^containerd \(pid 500\) holds 1 connections? accepted at .* only the program ss/,
    );
  });

  it('without rights: nothing, by name the first, and what to do', () => {
    const graph = chain({ ...whole, open: new Map() });
    expect(calls(graph)).toEqual([
      'cri: kubelet kubelet 510 -> socket containerd.sock',
      'cri: socket containerd.sock -> server containerd 400',
      'ttrpc: server containerd 400 -> shim containerd-shim-runc-v2 900',
    ]);
    expect(evidence(graph)[0]).toMatch(/use a node with sudo/);
  });

  it('a kubelet that is connected to nothing is inferred', () => {
    const graph = chain({ ...whole, open: new Map([...whole.open, [510, inodes()]]) });
    expect(calls(graph)[0]).toBe('cri: kubelet kubelet 510 -> socket containerd.sock');
    expect(evidence(graph)[0]).toMatch(/^No open socket of kubelet \(pid 510\) is connected to/);
  });

  it('a server under an unknown name is found by its socket', () => {
    const open = new Map([...whole.open, [500, inodes()], [1, inodes(41)], [900, inodes(45)]]);
    const graph = chain({ ...whole, open: new Map([...open, [920, inodes(41)]]) });
    expect(calls(graph)[1]).toBe('cri!: socket containerd.sock -> server pause 920');
  });

  it('containerd that was killed: absent, the shim stays', () => {
    const nobody = { ...whole, sockets: new Map(), open: new Map([[400, inodes()]]) };
    const graph = chain(nobody, true, [500]);
    expect(calls(graph)).toEqual([
      'cri: kubelet kubelet 510 -> socket containerd.sock',
      'cri: socket containerd.sock -> (server containerd)',
      'ttrpc: (server containerd) -> shim containerd-shim-runc-v2 900',
    ]);
    expect(drawing(graph)).toContain('parent!: init init 1 -> shim containerd-shim-runc-v2 900');
    expect(graph.boxes.find(({ kind }) => kind === 'server')?.facts).toEqual([
      { name: 'version', value: '1.2.3' },
      { name: 'state', value: 'does not answer' },
    ]);
  });
});
