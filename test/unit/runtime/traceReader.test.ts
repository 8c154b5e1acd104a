import { describe, expect, test } from 'vitest';
import { readTrace, readTraceSources, type TraceConnection } from '../../../src/runtime/traceReader.js';

const spec = {
  process: { args: ['sleep'], env: ['A=1', 'B=2'], cwd: '/' },
  linux: { namespaces: [{ type: 'mount' }] },
};

/** What each RPC answers; an error rejects. */
interface Answers {
  readonly name?: string;
  readonly container?: object | Error;
  readonly sandbox?: object | Error;
  readonly image?: object | Error;
  readonly settings?: object | Error;
}

function connection(answers: Answers): TraceConnection & { readonly calls: string[] } {
  const calls: string[] = [];
  const answer = <T>(
    call: string,
    value: object | Error | undefined,
    shape: (info: Record<string, string>) => T,
  ): Promise<T> => {
    calls.push(call);
    if (value instanceof Error) return Promise.reject(value);
    return Promise.resolve(
      shape(value ? { info: JSON.stringify(value), config: JSON.stringify(value) } : {}),
    );
  };
  const container = { id: 'c1', sandboxId: 's1', state: 'running', ancestry: { links: [] } };
  return {
    calls,
    snapshot: {
      name: answers.name ?? 'containerd',
      sandboxes: [{ id: 's1', runtimeHandler: '', containers: [container], ancestry: { links: [] } }],
      orphans: [],
    },
    containerDetails: (id: string) =>
      answer(`container ${id}`, answers.container, (info) => ({ info, imageRef: 'sha256:1' })),
    sandboxDetails: (id: string) => answer(`sandbox ${id}`, answers.sandbox, (info) => ({ info })),
    imageDetails: (image: string) =>
      answer(`image ${image}`, answers.image, (info) => ({
        id: 'sha256:1',
        repoTags: ['x:1'],
        repoDigests: [],
        info,
      })),
    status: () => answer('status', answers.settings, (info) => ({ info, conditions: [] })),
  } as unknown as TraceConnection & { readonly calls: string[] };
}

const request = { metadata: { name: 'main' }, command: ['sleep'], envs: [{ key: 'A', value: '1' }] };
const whole: Answers = {
  container: { sandboxID: 's1', config: request },
  sandbox: { pid: 7, image: 'pause:1', config: { metadata: { name: 'pod' } } },
  image: { imageSpec: { config: { Env: ['B=2'] } } },
  settings: { restrictOOMScoreAdj: true },
};

describe('a trace', () => {
  test('of a container takes four RPCs', async () => {
    const runtime = connection(whole);
    const { origins, notes } = await readTrace(runtime, 'c1', JSON.stringify(spec));
    expect(notes).toEqual([]);
    expect(origins.slice(0, 3).map(({ kind, proof }) => `${kind} ${proof}`)).toEqual([
      'cri checked',
      'default checked',
      'cri checked',
    ]);
    expect(runtime.calls.sort()).toEqual(['container c1', 'image sha256:1', 'sandbox s1', 'status']);
  });

  test('of a sandbox reads the pause image', async () => {
    const runtime = connection(whole);
    const { context, request: asked } = await readTraceSources(runtime, 's1');
    expect(context).toMatchObject({ role: 'sandbox', id: 's1', notes: [] });
    expect(asked?.type).toBe('object');
    expect(runtime.calls.sort()).toEqual(['image pause:1', 'sandbox s1', 'status']);
  });

  test('CRI-O tells no request; its image config may come without the outer object', async () => {
    const runtime = connection({
      ...whole,
      name: 'cri-o',
      container: { sandboxID: 's1', pid: 3 },
      image: { imageSpec: { Env: ['B=2'] } },
    });
    const { origins, fates, notes } = await readTrace(runtime, 'c1', JSON.stringify(spec));
    expect(fates).toEqual([]);
    expect(notes).toEqual([expect.stringContaining('cri-o does not tell it')]);
    expect(origins.every(({ proof }) => proof === 'rule')).toBe(true);
    expect(origins.find(({ field }) => field === 'config.Env')).toMatchObject({ kind: 'image' });
  });

  test('what can’t be read is a note', async () => {
    const gone = new Error('not found');
    const { notes, origins } = await readTrace(
      connection({ ...whole, sandbox: gone, image: gone, settings: gone }),
      'c1',
      JSON.stringify(spec),
    );
    expect(notes).toEqual([
      'The pod’s CRI request isn’t to be had: not found',
      'The image’s config isn’t to be had: not found',
    ]);
    expect(origins[0]).toMatchObject({ kind: 'cri', proof: 'checked' });
    const none = await readTrace(
      connection({ container: gone, sandbox: gone, image: gone }),
      'c1',
      JSON.stringify(spec),
    );
    expect(none.notes[0]).toContain('not found');
  });

  test('a spec that is no JSON and a cancel reject', async () => {
    await expect(readTrace(connection(whole), 'c1', '{')).rejects.toThrow(SyntaxError);
    const end = AbortSignal.abort(new Error('closed'));
    await expect(readTrace(connection(whole), 'c1', JSON.stringify(spec), end)).rejects.toThrow('closed');
  });
});
