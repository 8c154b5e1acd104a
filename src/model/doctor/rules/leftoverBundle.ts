import { shortId } from '../containerId.js';
import { isOwnerless, type Look, type Suspicion } from '../look.js';
import { criBundle, mayBeCri } from './criBundle.js';
import { iso } from './words.js';

/** A bundle in a CRI runtime's own folder, of an id that nobody lists and nothing of which runs. */
export function leftoverBundle(look: Look): readonly Suspicion[] {
  return look.entries.flatMap((entry) => {
    const { folder, name, path, identity, modifiedAt } = entry;
    if (folder.kind !== 'bundle' || !isOwnerless(look, name, modifiedAt)) return [];
    const runtime = look.runtimes.find(({ snapshot }) => snapshot.endpoint === folder.endpoint);
    if (!runtime) return [];
    const bundle = criBundle(look, runtime, name);
    const { verdict, evidence, wants } = bundle;
    // Podman has folders without a bundle beside CRI-O's.
    if (!mayBeCri(look, bundle) || (verdict === 'gone' && folder.within !== undefined)) return [];
    const { endpoint } = runtime.snapshot;
    return {
      finding: {
        id: `leftoverBundle:${path}:${identity}`,
        kind: 'leftoverBundle',
        severity: 'info',
        certainty: verdict === 'cri' ? 'certain' : 'likely',
        title: `The bundle of ${shortId(name)} was left behind`,
        explanation:
          'A bundle is the folder with config.json and the root filesystem that the low-level runtime starts a container ' +
          'from. The runtime removes it with the container. This one’s container is not listed and has no process.',
        evidence: [
          { label: 'folder', value: path, source: folder.path },
          { label: 'last changed', value: iso(modifiedAt), source: 'stat(2)' },
          {
            label: 'listed by',
            value: 'no runtime',
            source: `ListPodSandbox and ListContainers of ${endpoint}`,
          },
          { label: 'processes', value: 'none', source: '/proc/PID/cgroup and command lines of monitors' },
          ...evidence,
        ],
        advice:
          'It takes little space, and the next restart of the runtime mostly removes it. Before you remove it by hand, make ' +
          'sure that nothing is mounted below it: removing files through a mount deletes what is mounted.',
      },
      wants: { files: wants },
    };
  });
}
