import { flagOf } from '../../runtimes/family.js';
import { withoutVar } from '../../varRun.js';
import { shortId } from '../containerId.js';
import type { Evidence } from '../finding.js';
import { type Look, type RuntimeLook, type Suspicion } from '../look.js';
import { isShimOf } from '../places.js';
import type { Monitor } from '../processIndex.js';
import { criBundle, mayBeCri } from './criBundle.js';
import { iso, some } from './words.js';

/** A shim or conmon of a CRI runtime, started for something that no runtime of the node lists. */
export function orphanShim(look: Look): readonly Suspicion[] {
  return look.processes.monitors.flatMap((monitor) => {
    const runtime = look.runtimes.find((one) => isMonitorOf(one, monitor));
    if (!runtime || look.listed.has(monitor.id)) return [];
    if (look.now - monitor.process.startedAt < look.settleMs) return [];
    return suspicionOf(look, runtime, monitor) ?? [];
  });
}

function isMonitorOf(runtime: RuntimeLook, { process: { argv }, family }: Monitor): boolean {
  if (family.role === 'shim') return isShimOf(runtime.addresses, argv);
  // `conmon --exec` serves one exec, and ends with it.
  if (argv.includes('-e') || argv.includes('--exec')) return false;
  const exitDir = flagOf(argv, 'exit-dir');
  return exitDir !== undefined && withoutVar(exitDir) === runtime.exitDir;
}

function suspicionOf(look: Look, runtime: RuntimeLook, monitor: Monitor): Suspicion | undefined {
  const { process, family, id } = monitor;
  const bundle = criBundle(look, runtime, id);
  // Made by another client in the same namespace, like `ctr -n k8s.io run`.
  if (!mayBeCri(look, bundle)) return undefined;
  const { endpoint, name } = runtime.snapshot;
  const children = (look.processes.byContainer.get(id) ?? []).filter(({ pid }) => pid !== process.pid);
  const source = `/proc/${process.pid}`;
  const evidence: Evidence[] = [
    { label: 'pid', value: String(process.pid), source: `${source}/stat` },
    { label: 'started', value: iso(process.startedAt), source: `${source}/stat` },
    { label: 'command line', value: process.argv.join(' '), source: `${source}/cmdline` },
    { label: 'id', value: id, source: `command line of the ${family.role}` },
    { label: 'listed by', value: 'no runtime', source: `ListPodSandbox and ListContainers of ${endpoint}` },
    ...bundle.evidence,
    ...(children.length === 0
      ? []
      : [{ label: 'processes', value: some(children.map(({ pid }) => pid)), source: '/proc/PID/cgroup' }]),
  ];
  return {
    finding: {
      id: `orphanShim:${process.pid}:${process.startTicks}`,
      kind: 'orphanShim',
      severity: 'warning',
      certainty: bundle.verdict === 'cri' ? 'certain' : 'likely',
      title: `${family.role === 'shim' ? 'Shim' : 'conmon'} ${process.pid} serves ${shortId(id)}, which ${name} doesn’t know`,
      explanation:
        `A ${family.role} lives as long as what it was started for. ${name} at ${endpoint} has no record of this one’s ` +
        'sandbox or container, so nobody will ever stop it. Its processes go on using memory, addresses and files. ' +
        'It happens when the runtime’s own data was lost or restored, or when a removal was cut off.',
      evidence,
      advice:
        'Look first at what still runs below it, and whether anybody needs that. Save its logs and open files if so. ' +
        `Then end it as you would end a program of this node: its processes with SIGTERM, and only then the ${family.role}. ` +
        'The safest way is to drain the node and reboot it.',
      pid: process.pid,
    },
    wants: { files: bundle.wants },
  };
}
