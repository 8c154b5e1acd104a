import type { Cursor } from './cursor.js';
import type { SpecRow } from './spec.js';
import { bytesText } from './units.js';

/** `process.scheduler`, `ioPriority` and `execCPUAffinity` (runtime-spec config.md, "Linux Process"). */
export function schedulingRows(process: Cursor): SpecRow[] {
  return [
    ...summaryRow(process.object('scheduler'), 'Scheduler', schedulerText),
    ...summaryRow(process.object('ioPriority'), 'I/O priority', (priority) => {
      const name = ioClasses.get(priority.peek('class') ?? '') ?? priority.peek('class') ?? 'no class';
      const level = priority.peek('priority');
      // ioprio_set(2): the idle class has no levels.
      return level === undefined || name === 'only when idle' ? name : `${name}, ${level} of 0 (first) to 7`;
    }),
    ...summaryRow(process.object('execCPUAffinity'), 'CPUs of later processes', (affinity) =>
      [affinity.peek('initial'), affinity.peek('final')].map((cpus) => cpus ?? 'any').join(', then '),
    ),
  ];
}

const ioClasses: ReadonlyMap<string, string> = new Map([
  ['IOPRIO_CLASS_RT', 'real time'],
  ['IOPRIO_CLASS_BE', 'best effort'],
  ['IOPRIO_CLASS_IDLE', 'only when idle'],
]);

/** sched_setattr(2): which of the values count depends on the policy. */
function schedulerText(scheduler: Cursor): string {
  const policy = scheduler.peek('policy') ?? 'no policy';
  const said = (key: string, say: (text: string) => string): string[] => {
    const text = scheduler.peek(key);
    return text === undefined || text === '0' ? [] : [say(text)];
  };
  return [
    policy,
    ...said('nice', (text) => `nice ${text}`),
    ...said('priority', (text) => `priority ${text}`),
    ...said('runtime', (text) => `${nanoseconds(text)} of running`),
    ...said('deadline', (text) => `due after ${nanoseconds(text)}`),
    ...said('period', (text) => `each ${nanoseconds(text)}`),
  ].join(', ');
}

const nanoseconds = (text: string): string => `${Number(text) / 1e6} ms`;

/** `linux.resources.blockIO` (runtime-spec config-linux.md, "Block IO"). */
export function blockIoRows(blockIo: Cursor | undefined): SpecRow[] {
  if (!blockIo) return [];
  const bytes = (text: string): string => `${bytesText(text) ?? text} each second`;
  const operations = (text: string): string => `${text} operations each second`;
  return [
    ...blockIo.field('weight', 'I/O weight', 'number'),
    ...blockIo.field('leafWeight', 'I/O weight of its own processes', 'number'),
    ...deviceRows(blockIo, 'weightDevice', 'I/O weight', 'weight'),
    ...deviceRows(blockIo, 'throttleReadBpsDevice', 'Read limit', 'rate', bytes),
    ...deviceRows(blockIo, 'throttleWriteBpsDevice', 'Write limit', 'rate', bytes),
    ...deviceRows(blockIo, 'throttleReadIOPSDevice', 'Read limit', 'rate', operations),
    ...deviceRows(blockIo, 'throttleWriteIOPSDevice', 'Write limit', 'rate', operations),
    ...blockIo.rest(),
  ];
}

function deviceRows(
  blockIo: Cursor,
  key: string,
  name: string,
  member: string,
  explain?: (text: string) => string,
): SpecRow[] {
  return blockIo.array(key).flatMap((item, index): SpecRow[] => {
    const device = blockIo.reading.object([...blockIo.at(key), index], item);
    if (!device) return [];
    const value = device.peek(member) ?? '(not set)';
    const number = `${device.peek('major') ?? '?'}:${device.peek('minor') ?? '?'}`;
    const row = { path: device.path, name: `${name} of device ${number}`, value };
    return [withParts({ ...row, ...(explain ? { note: explain(value) } : {}) }, device.rest())];
  });
}

/** `linux.resources.rdma` by device (runtime-spec config-linux.md, "RDMA"). */
export function rdmaRows(rdma: Cursor | undefined): SpecRow[] {
  return membersOf(rdma, (limits) => {
    const most = (key: string, name: string): string[] => {
      const text = limits.peek(key);
      return text === undefined ? [] : [`at most ${text} ${name}`];
    };
    return [...most('hcaHandles', 'handles'), ...most('hcaObjects', 'objects')].join(', ') || 'no limit';
  }).map((row) => ({ ...row, name: `RDMA device ${row.name}` }));
}

/** `linux.intelRdt` (runtime-spec config-linux.md, "IntelRdt"; the kernel's Documentation/arch/x86/resctrl.rst). */
export function rdtRows(linux: Cursor): SpecRow[] {
  const rdt = linux.object('intelRdt');
  if (!rdt) return [];
  return [
    ...rdt.field('closID', 'Cache and bandwidth class', 'string'),
    ...rdt.field('l3CacheSchema', 'Share of the L3 cache', 'string'),
    ...rdt.field('memBwSchema', 'Share of memory bandwidth', 'string'),
    ...rdt.listField('schemata', 'Cache and bandwidth shares', '; '),
    ...rdt.field('enableMonitoring', 'Cache and bandwidth counted', 'boolean'),
    ...rdt.field('enableCMT', 'Cache use counted', 'boolean'),
    ...rdt.field('enableMBM', 'Memory bandwidth counted', 'boolean'),
    ...rdt.rest(),
  ];
}

/** `linux.personality` (personality(2)). */
export function personalityRows(linux: Cursor | undefined): SpecRow[] {
  return summaryRow(linux?.object('personality'), 'Personality', (personality) => {
    const domain = personality.peek('domain') ?? 'no domain';
    return domain === 'LINUX32' ? 'LINUX32: uname says a 32-bit machine' : domain;
  });
}

/** `linux.netDevices` (runtime-spec 1.3 config-linux.md, "Network Devices"): devices that leave the node's network. */
export function netDeviceRows(linux: Cursor): SpecRow[] {
  return membersOf(linux.object('netDevices'), (device) => {
    const name = device.peek('name') ?? '';
    return name === '' ? 'moved in' : `moved in as ${name}`;
  }).map((row) => ({ ...row, name: `Network device ${row.name}` }));
}

/** One line for an object, its members below. */
function summaryRow(cursor: Cursor | undefined, name: string, say: (cursor: Cursor) => string): SpecRow[] {
  return cursor ? [withParts({ path: cursor.path, name, value: say(cursor) }, cursor.rest())] : [];
}

/** What is told of secret parts is secret. */
function withParts(row: SpecRow, children: readonly SpecRow[]): SpecRow {
  return { ...row, ...(children.some(({ secret }) => secret) ? { secret: true } : {}), children };
}

/** A row for each member that is an object, named by its key. */
function membersOf(cursor: Cursor | undefined, say: (member: Cursor) => string): SpecRow[] {
  if (!cursor) return [];
  return [...cursor.node.members.keys()].flatMap((key) => summaryRow(cursor.object(key), key, say));
}
