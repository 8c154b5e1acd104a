import type { JsonNode, JsonPath } from '../json.js';
import { itemsAt, textAt, textsAt } from '../values.js';
import { cleanPath } from '../paths.js';

/** One of the `mounts` of a spec (runtime-spec config.md, "Mounts"). */
export interface SpecMount {
  readonly path: JsonPath;
  readonly destination: string;
  readonly source: string;
  readonly type: string;
  readonly options: readonly string[];
  readonly bind: boolean;
  /** Mounts may be below it that the spec doesn't name: those of its source, or what the node mounts there later. */
  readonly open: boolean;
}

/** More are no container's; a hostile spec would take minutes. */
const mostMounts = 2000;

export function specMounts(spec: JsonNode): SpecMount[] {
  return itemsAt(spec, ['mounts'])
    .slice(0, mostMounts)
    .flatMap((item, index): SpecMount[] => {
      const destination = textAt(item, ['destination']);
      if (destination === undefined || destination === '') return [];
      const options = textsAt(item, ['options']);
      const type = textAt(item, ['type']) ?? '';
      const bind = type === 'bind' || options.includes('bind') || options.includes('rbind');
      return [
        {
          path: ['mounts', index],
          destination: cleanPath(destination),
          source: textAt(item, ['source']) ?? '',
          type,
          options,
          bind,
          open: (bind && options.some((option) => opening.has(option))) || type.startsWith('cgroup'),
        },
      ];
    });
}

const opening: ReadonlySet<string> = new Set(['rbind', 'rslave', 'slave', 'rshared', 'shared']);

/** The kernel's names of the filesystems that a mount of this type may become: `cgroup` is as the node has it. */
export function filesystemsOf({ type }: SpecMount): readonly string[] {
  return type.startsWith('cgroup') ? ['cgroup', 'cgroup2', 'tmpfs'] : [type];
}
