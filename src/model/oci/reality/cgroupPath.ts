import type { JsonNode } from '../json.js';
import { textAt } from '../values.js';

/**
 * How a container's cgroup path ends, by `linux.cgroupsPath`: systemd's form is `SLICE:PREFIX:NAME` (runc, docs/systemd.md),
 * anything else is a path, which may be below the runtime's own group.
 */
export function cgroupEnd(spec: JsonNode): string | undefined {
  const written = textAt(spec, ['linux', 'cgroupsPath']) ?? '';
  if (written === '') return undefined;
  const [slice, prefix, name, ...more] = written.split(':');
  if (slice === undefined || prefix === undefined || name === undefined || more.length > 0) {
    const path = `/${written
      .split('/')
      .filter((step) => step !== '')
      .join('/')}`;
    return path === '/' ? undefined : path;
  }
  if (name.endsWith('.slice')) return `/${name}`;
  return `/${prefix === '' ? '' : `${prefix}-`}${name}.scope`;
}

/** A container's own group of one that a process of it is in; the process may have made groups below. */
export function ownGroup(path: string, end: string | undefined): string {
  if (end === undefined) return path;
  const at = `${path}/`.indexOf(`${end}/`);
  return at < 0 ? path : path.slice(0, at + end.length);
}
