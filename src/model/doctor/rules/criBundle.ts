import type { Evidence } from '../finding.js';
import type { Look, RuntimeLook } from '../look.js';
import { parsed, record } from '../places.js';

export interface CriBundle {
  /**
   * cri: its config.json is one that a CRI server wrote. foreign: it is another client's. gone: there is no bundle, or
   * no config.json in it. unknown: not read yet; at the second look that means not readable, and confirms nothing.
   */
  readonly verdict: 'cri' | 'foreign' | 'gone' | 'unknown';
  readonly evidence: readonly Evidence[];
  /** The file that tells. */
  readonly wants: readonly string[];
}

/** containerd's and CRI-O's CRI servers mark all that they make: `io.kubernetes.cri.…`, `io.kubernetes.cri-o.…`. */
const mark = 'io.kubernetes.cri';

/** Podman uses CRI-O's annotations too, and says here that it is `libpod` (libpod/define, pkg/annotations). */
const manager = 'io.container.manager';

/** Whether what was found may be the CRI runtime's own, as far as the look can know. */
export function mayBeCri(look: Look, { verdict }: CriBundle): boolean {
  return verdict !== 'foreign' && !(look.told && verdict === 'unknown');
}

/** Whether the bundle of an id was made by a CRI server: other clients may share its folder (`ctr -n k8s.io run`). */
export function criBundle(look: Look, runtime: RuntimeLook, id: string): CriBundle {
  const folder = runtime.folders.find(({ kind }) => kind === 'bundle');
  if (!folder) return { verdict: 'unknown', evidence: [], wants: [] };
  const path = `${folder.path}/${id}${folder.within ?? ''}/config.json`;
  const text = look.told?.files.get(path);
  if (text !== undefined) {
    const annotations = record(record(parsed(text)).annotations);
    const found = Object.keys(annotations).find((name) => name.startsWith(mark));
    if (found === undefined || annotations[manager] === 'libpod')
      return { verdict: 'foreign', evidence: [], wants: [path] };
    return {
      verdict: 'cri',
      evidence: [{ label: 'made by a CRI server', value: `annotation ${found}`, source: path }],
      wants: [path],
    };
  }
  const present = look.entries.some((entry) => entry.folder.kind === 'bundle' && entry.name === id);
  const evidence = present
    ? []
    : [{ label: 'bundle', value: 'gone', source: `${folder.path}/${id}${folder.within ?? ''}` }];
  return { verdict: look.told?.files.has(path) === true ? 'gone' : 'unknown', evidence, wants: [path] };
}
