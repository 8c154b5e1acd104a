import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { placesOf } from '../../../../src/model/doctor/places.js';
import { indexingProcesses } from '../../../../src/model/doctor/processIndex.js';
import { runNow } from '../../../../src/model/steps.js';
import { record as recordOf } from '../../../../src/model/doctor/places.js';
import { tableOf } from '../recorded.js';
import { ONE, endpoint, runtimeOf, processOf } from './look.js';

/** The verbose status of a real runtime, as CRI gives it: JSON text by name. */
function infoOf(runtime: string): Record<string, string> {
  const url = new URL(`../../../fixtures/recorded/${runtime}/info.json`, import.meta.url);
  const all = recordOf(JSON.parse(readFileSync(url, 'utf8')));
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, JSON.stringify(value)]));
}

const paths = (
  name: string,
  info: Record<string, string>,
  processes: ReturnType<typeof processOf>[] = [],
) => {
  const { monitors } = runNow(indexingProcesses(tableOf(processes)));
  const { snapshot } = runtimeOf({ name });
  return placesOf(snapshot, info, monitors).folders.map(({ kind, path }) => `${kind} ${path}`);
};

test.each(['containerd-1.7', 'containerd-2.1'])('%s tells its state folder', (recording) => {
  const lab = recording === 'containerd-1.7' ? '/lab/ctrd17' : '/lab/ctrd21';
  expect(paths('containerd', infoOf(recording))).toEqual([
    `bundle ${lab}/state/io.containerd.runtime.v2.task/k8s.io`,
    `sandbox ${lab}/state/io.containerd.grpc.v1.cri/sandboxes`,
    `netns ${lab}/state/io.containerd.grpc.v1.cri/netns`,
    'state /run/containerd/runc/k8s.io',
    'netns /run/netns',
  ]);
});

test('where containerd tells nothing, a shim does by its working folder, else the socket is a known one', () => {
  const cwd = `/data/state/io.containerd.runtime.v2.task/k8s.io/${ONE}`;
  const argv = ['containerd-shim-runc-v2', '-namespace', 'k8s.io', '-id', ONE, '-address', endpoint.slice(7)];
  expect(paths('containerd', {}, [processOf({ pid: 5, argv, cwd })])[0]).toBe(
    'bundle /data/state/io.containerd.runtime.v2.task/k8s.io',
  );
  expect(paths('containerd', {})[0]).toBe('bundle /run/containerd/io.containerd.runtime.v2.task/k8s.io');
});

test('CRI-O tells its runtime roots, and a conmon where the bundles are', () => {
  const bundle = `/lab/crio/runroot/overlay-containers/${ONE}/userdata`;
  const argv = ['/usr/bin/conmon', '-b', bundle, '-c', ONE, '--exit-dir', '/lab/crio/exits'];
  expect(paths('cri-o', infoOf('cri-o-1.37'), [processOf({ pid: 5, argv })])).toEqual([
    'bundle /lab/crio/runroot/overlay-containers',
    'state /lab/crio/run-crun',
    'state /lab/crio/run-runc',
  ]);
});

test('nothing of Docker is watched', () => {
  expect(paths('docker', infoOf('cri-dockerd'))).toEqual([]);
});
