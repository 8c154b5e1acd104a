import { readdirSync, readFileSync } from 'node:fs';

/** The folder of a container's own cgroup, in one hierarchy that has it. */
export function cgroupFolder(id: string): string {
  const hierarchies = readdirSync('/sys/fs/cgroup').map((name) => `/sys/fs/cgroup/${name}`);
  const pid = readdirSync('/proc').find(
    (name) => /^\d+$/.test(name) && readSafely(`/proc/${name}/cgroup`).includes(id),
  );
  const path = readSafely(`/proc/${pid}/cgroup`)
    .split('\n')
    .map((line) => line.split(':')[2] ?? '')
    .find((one) => one.includes(id))!;
  return ['/sys/fs/cgroup', ...hierarchies]
    .map((hierarchy) => hierarchy + path)
    .find((folder) => readSafely(`${folder}/cgroup.procs`) !== '')!;
}

/** Empty for what can't be read. */
export function readSafely(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
