import { expect, test } from 'vitest';
import { discover, wellKnown, type Discovery } from '../../../src/runtime/discovery.js';
import { fakeNode, processRecord } from './fakeNode.js';

const kubelet = (...flags: string[]): ReturnType<typeof processRecord> =>
  processRecord({ pid: 70, comm: 'kubelet', argv: ['/usr/bin/kubelet', ...flags] });

test('without any hint the well-known sockets are the candidates', async () => {
  const { candidates, bad } = await discover(fakeNode({}), []);
  expect(candidates.map((candidate) => candidate.uri)).toEqual(wellKnown.map(({ uri }) => uri));
  expect(candidates.every((candidate) => !candidate.configured)).toBe(true);
  expect(bad).toEqual([]);
});

test('the environment, crictl, the kubelet’s flag, its config and kubeadm’s flags are all heard', async () => {
  const node = fakeNode({
    environment: { CONTAINER_RUNTIME_ENDPOINT: 'unix:///env.sock', CRI_CONFIG_FILE: '/my/crictl.yaml' },
    files: {
      '/my/crictl.yaml': 'runtime-endpoint: unix:///crictl.sock\ntimeout: 2\n',
      '/etc/crictl.yaml': 'runtime-endpoint: unix:///not-this.sock',
      '/k/config.yaml': 'kind: KubeletConfiguration\ncontainerRuntimeEndpoint: unix:///config.sock\n',
      '/var/lib/kubelet/kubeadm-flags.env':
        'KUBELET_KUBEADM_ARGS="--pod-infra-container-image=x --container-runtime-endpoint=unix:///kubeadm.sock"\n',
    },
  });
  const { candidates } = await discover(node, [
    kubelet('--container-runtime-endpoint', 'unix:///flag.sock', '--config=/k/config.yaml'),
  ]);
  const named = candidates.filter((candidate) => candidate.configured);
  expect(named.map(({ uri, sources }) => [uri, sources[0]])).toEqual([
    ['unix:///env.sock', 'CONTAINER_RUNTIME_ENDPOINT'],
    ['unix:///flag.sock', 'flag of kubelet, pid 70'],
    ['unix:///crictl.sock', '/my/crictl.yaml'],
    ['unix:///kubeadm.sock', '/var/lib/kubelet/kubeadm-flags.env'],
    ['unix:///config.sock', '/k/config.yaml'],
  ]);
});

test('the same socket by two paths is one candidate with both sources', async () => {
  const node = fakeNode({
    sockets: { '/run/crio/crio.sock': '1:2', '/var/run/crio/crio.sock': '1:2' },
    files: { '/etc/crictl.yaml': 'runtime-endpoint: unix:///run/crio/crio.sock' },
  });
  const { candidates } = await discover(node, []);
  const crio = candidates.filter((candidate) => candidate.uri.includes('crio.sock'));
  expect(crio).toHaveLength(1);
  expect(crio[0]).toMatchObject({ configured: true, sources: ['/etc/crictl.yaml', 'well known: CRI-O'] });
});

test('absent sockets under /run and /var/run are one candidate too', async () => {
  const node = fakeNode({ environment: { CONTAINER_RUNTIME_ENDPOINT: '/run/crio/crio.sock' } });
  const { candidates } = await discover(node, []);
  expect(candidates.filter((candidate) => candidate.uri.endsWith('crio.sock'))).toHaveLength(1);
});

test('what can’t be understood is reported with its source and reason, and broken files are passed over', async () => {
  const node = fakeNode({
    environment: { CONTAINER_RUNTIME_ENDPOINT: 'tcp://1.2.3.4:5' },
    files: { '/etc/crictl.yaml': '{ not: yaml: at all', '/var/lib/kubelet/config.yaml': '- a list' },
  });
  const { bad, candidates } = await discover(node, []);
  expect(bad).toEqual([
    {
      text: 'tcp://1.2.3.4:5',
      source: 'CONTAINER_RUNTIME_ENDPOINT',
      reason: expect.stringContaining('TCP') as string,
    },
  ]);
  expect(candidates).toHaveLength(wellKnown.length);
});

test('a process in a pod that calls itself a kubelet names nothing', async () => {
  const inPod = processRecord({
    pid: 71,
    comm: 'kubelet',
    argv: ['kubelet', '--container-runtime-endpoint=unix:///mine.sock', '--config=/etc/mine.yaml'],
    cgroups: ['/kubepods.slice/kubepods-pod1.slice/cri-containerd-abc.scope'],
  });
  const node = fakeNode({ files: { '/etc/mine.yaml': 'containerRuntimeEndpoint: unix:///mine-too.sock' } });
  const { candidates } = await discover(node, [inPod]);
  expect(candidates.filter((candidate) => candidate.configured)).toEqual([]);
});

test('what needs no process table is told before there is one, and keeps its URI when the kubelet writes another', async () => {
  const node = fakeNode({ sockets: { '/run/crio/crio.sock': '1:2', '/var/run/crio/crio.sock': '1:2' } });
  let swept = (_: ReturnType<typeof kubelet>[]): void => undefined;
  const processes = new Promise<ReturnType<typeof kubelet>[]>((resolve) => (swept = resolve));
  let tell = (_: Discovery): void => undefined;
  const told = new Promise<Discovery>((resolve) => (tell = resolve));
  const found = discover(node, processes, { early: tell });
  const early = await told;
  expect(early.candidates.map(({ uri }) => uri)).toEqual(wellKnown.map(({ uri }) => uri));
  swept([kubelet('--container-runtime-endpoint=unix:///run/crio/crio.sock')]);
  const { candidates } = await found;
  expect(candidates).toHaveLength(wellKnown.length);
  expect(candidates[0]).toMatchObject({
    uri: 'unix:///var/run/crio/crio.sock',
    sources: ['flag of kubelet, pid 70', 'well known: CRI-O'],
    configured: true,
  });
});

test('each path is looked at once', async () => {
  const looked: string[] = [];
  const node = fakeNode({});
  const counting = {
    ...node,
    stat: (path: string) => {
      looked.push(path);
      return node.stat(path);
    },
  };
  await discover(counting, [kubelet('--container-runtime-endpoint=unix:///run/containerd/containerd.sock')]);
  expect(new Set(looked).size).toBe(looked.length);
});
