import type { Cursor, Reading } from './cursor.js';
import { netDeviceRows } from './readTuning.js';
import type { SpecRow } from './spec.js';

/** runtime-spec config-linux.md, "Namespaces". */
const kinds = ['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time'];

/** `linux.namespaces`: which are the container's own, and what the others are shared with. */
export function namespaceRows(linux: Cursor): SpecRow[] {
  const path = linux.at('namespaces');
  const items = linux.array('namespaces');
  const seen = new Set<string>();
  const rows = items.flatMap((item, index) => {
    const namespace = linux.reading.object([...path, index], item);
    if (!namespace) return [];
    const type = namespace.peek('type') ?? '(no type)';
    seen.add(type);
    return [namespaceRow(linux.reading, namespace, type)];
  });
  const missing = kinds.filter((kind) => !seen.has(kind));
  return [
    ...rows,
    ...missing.map((kind) => ({
      path,
      name: kind,
      value: 'not listed',
      note: 'shared with the runtime: the node’s',
    })),
    ...mappingRows(linux, 'uidMappings', 'User IDs'),
    ...mappingRows(linux, 'gidMappings', 'Group IDs'),
    ...netDeviceRows(linux),
    ...offsetRows(linux),
  ];
}

function namespaceRow(reading: Reading, namespace: Cursor, type: string): SpecRow {
  const joined = namespace.peek('path') ?? '';
  namespace.take('type');
  namespace.take('path');
  const others = namespace.rest();
  return {
    path: namespace.path,
    name: type,
    value: joined === '' ? 'new' : joined,
    note: joined === '' ? 'of its own' : sharedText(reading, joined),
    ...(others.length > 0 ? { children: others } : {}),
  };
}

/** A namespace is joined by a process's file (namespaces(7)) or by a file that it was bound to. */
function sharedText(reading: Reading, path: string): string {
  const pid = /^\/proc\/(\d+)\/(?:task\/\d+\/)?ns\/\w+$/.exec(path)?.[1];
  if (pid === undefined) return 'shared with all that joined this file';
  if (pid === '1') return 'shared with process 1: the node’s';
  const name = reading.context.nameOfPid?.(Number(pid));
  return name === undefined ? `shared with process ${pid}` : `shared with process ${pid}, ${name}`;
}

/** `linux.uidMappings` and `linux.gidMappings` (user_namespaces(7)). */
function mappingRows(linux: Cursor, key: string, name: string): SpecRow[] {
  return linux.array(key).flatMap((item, index) => {
    const path = [...linux.at(key), index];
    const mapping = linux.reading.object(path, item);
    if (!mapping) return [];
    const [inside, outside, size] = ['containerID', 'hostID', 'size'].map(
      (part) => mapping.peek(part) ?? '?',
    );
    const value = `${inside ?? ''} → ${outside ?? ''}, ${size ?? ''} of them`;
    return [{ path, name, value, note: 'in the container → on the node', children: mapping.rest() }];
  });
}

/** `linux.timeOffsets` (runtime-spec 1.2): how far the container's clocks are from the node's. */
function offsetRows(linux: Cursor): SpecRow[] {
  const offsets = linux.object('timeOffsets');
  return (offsets?.rest() ?? []).map((row) => ({ ...row, name: `Time offset: ${row.name}` }));
}
