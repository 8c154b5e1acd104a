import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseJson, pathText } from '../../../../src/model/oci/json.js';
import { trace } from '../../../../src/model/oci/trace/traceSpec.js';
import { drawn, inspectedFiles, recordedInput } from './traceSupport.js';

const fixtures = join(import.meta.dirname, '..', '..', '..', 'fixtures');
const golden = (name: string): string => join(fixtures, 'oci', 'trace', `${name}.golden.txt`);

const traced = (runtime: string, file: string) => {
  const { spec, request, image, context } = recordedInput(runtime, file);
  return trace(spec, request, image, context);
};

describe('recorded', () => {
  test.each([
    ['containerd-1.7', 'ctr-6a2ea9251f2cf.json'],
    ['containerd-1.7', 'pod-8cee98df50226.json'],
    ['containerd-2.1', 'ctr-dc816ed95aa10.json'],
    ['containerd-2.1', 'pod-bf6e873419a36.json'],
    ['cri-o-1.37', 'ctr-14aa01777c41b.json'],
    ['cri-o-1.37', 'pod-7ec07cd7cec2b.json'],
  ])('%s %s', async (runtime, file) => {
    await expect(drawn(traced(runtime, file))).toMatchFileSnapshot(golden(`${runtime}-${file.slice(0, 7)}`));
  });

  test('cri-dockerd, from the bundle', async () => {
    const text = readFileSync(join(fixtures, 'oci', 'trace', 'cri-dockerd-main.json'), 'utf8');
    const context = { role: 'container', id: 'ece9050b4e279', runtime: 'docker' } as const;
    const found = trace(parseJson(text), undefined, undefined, context);
    await expect(drawn(found)).toMatchFileSnapshot(golden('cri-dockerd-main'));
  });

  test.each(['containerd-1.7', 'containerd-2.1'])(
    '%s: nothing is unknown, and all but these is checked',
    (runtime) => {
      const odd = inspectedFiles(runtime).flatMap((file) =>
        traced(runtime, file)
          .origins.filter(({ kind, proof }) => kind === 'unknown' || proof === 'rule')
          .map(({ path, kind }) => `${pathText(path)} ${kind}`),
      );
      expect([...new Set(odd)].sort()).toEqual(
        [
          // Of the build of containerd, not of a request.
          '.ociVersion default',
          '.annotations["io.kubernetes.cri.podsandbox.image-name"] default',
          // What isn't listed.
          '.linux.namespaces default',
          // The name is drawn at random.
          '.linux.namespaces[4] default',
          // The daemon of the recording was told to restrict it.
          '.process.oomScoreAdj default',
        ]
          .filter((line) => runtime === 'containerd-2.1' || !line.includes('podsandbox'))
          .sort(),
      );
    },
  );

  test.each(['cri-o-1.37'])(
    '%s: no request, so nothing is checked, and nothing of it is unknown',
    (runtime) => {
      for (const file of inspectedFiles(runtime)) {
        const { origins } = traced(runtime, file);
        expect(origins.filter(({ proof }) => proof === 'checked')).toEqual([]);
        expect(origins.filter(({ kind }) => kind === 'unknown').map(({ path }) => pathText(path))).toEqual(
          [],
        );
      }
    },
  );
});
