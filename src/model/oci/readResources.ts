import type { Cursor } from './cursor.js';
import { blockIoRows, rdmaRows, rdtRows } from './readTuning.js';
import type { SpecRow } from './spec.js';
import { bytesText, octalText, plural, quotaText, sharesText } from './units.js';

/** `linux.cgroupsPath` and `linux.resources` (runtime-spec config-linux.md, "Control groups"). */
export function resourceRows(linux: Cursor): SpecRow[] {
  const path = linux.field('cgroupsPath', 'Cgroup path', 'string', cgroupText);
  const resources = linux.object('resources');
  if (!resources) return [...path, ...rdtRows(linux)];
  return [
    ...path,
    ...memoryRows(resources.object('memory')),
    ...cpuRows(resources.object('cpu')),
    ...pidsRows(resources.object('pids')),
    ...hugepageRows(resources),
    ...blockIoRows(resources.object('blockIO')),
    ...rdmaRows(resources.object('rdma')),
    ...deviceRuleRows(resources),
    ...(resources.object('unified')?.rest() ?? []),
    ...resources.rest(),
    ...rdtRows(linux),
  ];
}

/** `linux.devices`: device files made in the container. */
export function deviceRows(linux: Cursor): SpecRow[] {
  return linux.array('devices').flatMap((item, index) => {
    const device = linux.reading.object([...linux.at('devices'), index], item);
    if (!device) return [];
    const value = deviceText(device.peek('type'), device.peek('major'), device.peek('minor'));
    const mode = octalText(device.peek('fileMode') ?? '');
    return [
      {
        path: device.path,
        name: device.peek('path') ?? '(no path)',
        value,
        ...(mode === undefined ? {} : { note: `permissions ${mode}` }),
        children: device.rest(),
      },
    ];
  });
}

/** systemd's form is `slice:prefix:name`; anything else is a path below the cgroup root (runc, docs/systemd.md). */
function cgroupText(path: string): string | undefined {
  const [slice, prefix, name, ...more] = path.split(':');
  if (slice === undefined || prefix === undefined || name === undefined || more.length > 0) return undefined;
  return `systemd unit ${prefix === '' ? '' : `${prefix}-`}${name}.scope in ${slice === '' ? 'system.slice' : slice}`;
}

function memoryRows(memory: Cursor | undefined): SpecRow[] {
  if (!memory) return [];
  return [
    ...memory.field('limit', 'Memory limit', 'number', bytesText),
    ...memory.field('reservation', 'Memory reservation', 'number', bytesText),
    ...memory.field('swap', 'Memory and swap limit', 'number', bytesText),
    ...memory.field('kernel', 'Kernel memory limit', 'number', bytesText),
    ...memory.field('kernelTCP', 'TCP buffer limit', 'number', bytesText),
    ...memory.field('swappiness', 'Swappiness', 'number'),
    ...memory.field('disableOOMKiller', 'OOM killer disabled', 'boolean'),
    ...memory.field('useHierarchy', 'Hierarchical accounting', 'boolean'),
    ...memory.field('checkBeforeUpdate', 'Check usage before update', 'boolean'),
    ...memory.rest(),
  ];
}

function cpuRows(cpu: Cursor | undefined): SpecRow[] {
  if (!cpu) return [];
  const period = cpu.peek('period');
  const microseconds = (text: string): string => `${Number(text) / 1000} ms`;
  return [
    ...cpu.field('quota', 'CPU quota', 'number', (text) => quotaText(text, period)),
    ...cpu.field('period', 'CPU period', 'number', microseconds),
    ...cpu.field('burst', 'CPU burst', 'number', microseconds),
    ...cpu.field('shares', 'CPU shares', 'number', sharesText),
    ...cpu.field('cpus', 'CPUs', 'string', (text) => (text === '' ? 'any' : undefined)),
    ...cpu.field('mems', 'Memory nodes', 'string', (text) => (text === '' ? 'any' : undefined)),
    ...cpu.field('realtimeRuntime', 'Realtime runtime', 'number', microseconds),
    ...cpu.field('realtimePeriod', 'Realtime period', 'number', microseconds),
    ...cpu.field('idle', 'CPU idle', 'number'),
    ...cpu.rest(),
  ];
}

function pidsRows(pids: Cursor | undefined): SpecRow[] {
  if (!pids) return [];
  const explain = (text: string): string | undefined => (Number(text) <= 0 ? 'unlimited' : undefined);
  return [...pids.field('limit', 'Process limit', 'number', explain), ...pids.rest()];
}

function hugepageRows(resources: Cursor): SpecRow[] {
  return resources.array('hugepageLimits').flatMap((item, index) => {
    const page = resources.reading.object([...resources.at('hugepageLimits'), index], item);
    if (!page) return [];
    const size = page.peek('pageSize') ?? '?';
    page.take('pageSize');
    return [...page.field('limit', `Huge pages of ${size}`, 'number', bytesText), ...page.rest()];
  });
}

/** `linux.resources.devices`: rules that apply in turn, so their order counts. */
function deviceRuleRows(resources: Cursor): SpecRow[] {
  const items = resources.array('devices');
  if (items.length === 0) return [];
  const path = resources.at('devices');
  const children = items.flatMap((item, index): SpecRow[] => {
    const rule = resources.reading.object([...path, index], item);
    if (!rule) return [];
    const name = rule.peek('allow') === 'true' ? 'allow' : 'deny';
    const access = rule.peek('access') ?? '';
    const which = deviceText(rule.peek('type'), rule.peek('major'), rule.peek('minor'));
    const children = rule.rest();
    return [{ path: rule.path, name, value: `${which} ${access}`, note: accessText(access), children }];
  });
  return [{ path, name: 'Device rules', value: plural(children.length, 'rule', 'rules'), children }];
}

/** As in the kernel's device controller: `c 1:3`, `a *:*`. Absent and -1 mean any. */
function deviceText(type = 'a', major = '*', minor = '*'): string {
  const any = (number: string): string => (number === '-1' ? '*' : number);
  return type === 'a' && major === '*' && minor === '*'
    ? 'all devices'
    : `${type} ${any(major)}:${any(minor)}`;
}

function accessText(access: string): string {
  const words = new Map([
    ['r', 'read'],
    ['w', 'write'],
    ['m', 'make'],
  ]);
  return Array.from(access, (letter) => words.get(letter) ?? letter).join(', ');
}
