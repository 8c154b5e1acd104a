import type { Check, Diagnosis, Finding, FindingKind } from '../../src/model/doctor/finding.js';
import { doctorStrings } from '../../src/panels/doctorStrings.js';
import type { DoctorApi, DoctorState } from '../../src/protocol/doctor.js';
import { bootOf } from './inspectPanel.js';
import type { PanelLab, PanelPage, PanelPageOptions } from './harness.js';

const endpoint = 'unix:///run/containerd/containerd.sock';
const shimId = '3f2a9c51'.repeat(8);
const bundle = `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${shimId}`;

export const finding = (extra: Partial<Finding> & Pick<Finding, 'id'>): Finding => ({
  kind: 'zombie',
  severity: 'warning',
  certainty: 'certain',
  title: `Process 71 (${extra.id}) has ended, and its parent does not take note`,
  explanation: 'The process ended. Its entry stays until the parent reads how it ended.',
  evidence: [{ label: 'state', value: 'Z (zombie)', source: '/proc/71/stat' }],
  advice: 'Look at the parent. Restarting its container ends the zombies too.',
  ...extra,
});

/** What a bad day looks like. */
export const findings: readonly Finding[] = [
  finding({
    id: 'processGone:c1',
    kind: 'processGone',
    severity: 'error',
    title: 'The process of payments-0/payments is gone, but the runtime calls it running',
    explanation:
      'containerd says that the container runs. No process of it is there, in its cgroup or below its shim.\nRequests to it fail, and the kubelet does not know.',
    evidence: [
      { label: 'state', value: 'CONTAINER_RUNNING', source: 'CRI ListContainers' },
      { label: 'pid', value: '48211', source: 'CRI ContainerStatus, info.pid' },
      { label: 'process', value: 'no such process, twice, 1.2 s apart', source: '/proc/48211/stat' },
    ],
    advice:
      'Look at the log of containerd for this id, then delete the pod, so that the kubelet makes it anew.',
    subject: { endpoint, id: 'c1' },
    pid: 48211,
  }),
  finding({
    id: `orphanShim:${shimId}`,
    kind: 'orphanShim',
    severity: 'error',
    certainty: 'likely',
    title: 'A shim runs for a sandbox that no runtime knows',
    explanation: 'The shim 3121 was started for a sandbox that containerd does not list, in any namespace.',
    evidence: [
      {
        label: 'command line',
        value: `/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id ${shimId} -address /run/containerd/containerd.sock`,
        source: '/proc/3121/cmdline',
      },
      { label: 'started', value: '2026-11-23 22:10:05Z', source: '/proc/3121/stat' },
    ],
    advice: 'Make sure that nothing else uses it, then end it with SIGTERM: it ends its containers first.',
    pid: 3121,
  }),
  finding({ id: 'zombie:71', pid: 71 }),
  finding({
    id: 'zombie:9',
    title: 'Process 9 (zombie:9) has ended, and its parent does not take note',
    pid: 9,
  }),
  finding({
    id: `leftoverBundle:${shimId}`,
    kind: 'leftoverBundle',
    title: `The bundle ${shimId.slice(0, 13)} has no container`,
    explanation: 'A folder of an OCI bundle is left. No runtime lists its id, and no process has it.',
    evidence: [{ label: 'folder', value: bundle, source: 'readdir' }],
    advice: 'Restarting containerd removes it. By hand: make sure that nothing is mounted below it first.',
  }),
  finding({
    id: 'deprecation:io.containerd.deprecation/cri-api-v1alpha2',
    kind: 'deprecation',
    severity: 'info',
    title: 'containerd warns: CRI API v1alpha2 is deprecated since containerd v1.7',
    explanation: 'The runtime itself reports the use of something that a later version will not have.',
    evidence: [{ label: 'last seen', value: '2026-11-24 08:00:00Z', source: 'CRI Status, info' }],
    advice: 'Change it before containerd is upgraded to 2.0.',
  }),
];

const kinds: readonly FindingKind[] = [
  ...(['orphanShim', 'processGone', 'strangerInCgroup', 'leftoverBundle', 'leftoverState'] as const),
  ...(['leftoverMount', 'zombie', 'restartLoop', 'clockSkew', 'deprecation'] as const),
];
export const doneChecks: readonly Check[] = kinds.map((kind) => ({ kind, result: 'done' }));
export const skippedChecks: readonly Check[] = [
  {
    kind: 'leftoverCgroup',
    result: 'skipped',
    reason: 'Permission denied: /sys/fs/cgroup. Use sudo on this node.',
  },
  {
    kind: 'leftoverNetns',
    result: 'skipped',
    reason: 'Permission denied: /run/netns. Use sudo on this node.',
  },
];

const at = Date.UTC(2026, 10, 24, 9, 30, 0);
export const diagnosis = (extra: Partial<Diagnosis> = {}): Diagnosis => ({
  nodeLabel: 'worker-3',
  startedAt: at,
  finishedAt: at + 1_430,
  findings,
  checks: [...doneChecks, ...skippedChecks],
  ...extra,
});

export interface DoctorTest extends PanelPage<DoctorApi> {
  /** Requests in the order in which they came: `look`, `reveal zombie:71`, … */
  readonly asked: readonly string[];
  readonly clipboard: readonly string[];
}

/** The panel before a host that answers `open` with a state and notes all else. @param beforeReveal may throw */
export async function openDoctor(
  lab: PanelLab,
  state: () => DoctorState,
  options: Partial<PanelPageOptions<DoctorApi>> = {},
  beforeReveal: () => void = () => undefined,
): Promise<DoctorTest> {
  const asked: string[] = [];
  const clipboard: string[] = [];
  const note = (what: string): null => (asked.push(what), null);
  const page = await lab.open<DoctorApi>({
    panel: 'doctor',
    boot: bootOf(doctorStrings()),
    handlers: {
      open: state,
      look: () => note('look'),
      cancel: () => note('cancel'),
      copy: ({ text }) => (clipboard.push(text), null),
      reveal: ({ findingId }) => (beforeReveal(), note(`reveal ${findingId}`)),
      openSpec: ({ findingId }) => note(`openSpec ${findingId}`),
      exportMarkdown: () => note('exportMarkdown'),
    },
    ...options,
  });
  return Object.assign(page, { asked, clipboard });
}
