import { describe, expect, test } from 'vitest';
import { NodeError } from '../../../src/node/node.js';
import { readSpecSources } from '../../../src/runtime/specReader.js';

type Connection = Parameters<typeof readSpecSources>[0];

const bundle = '/run/bundle';

/** One container `c1` and its sandbox `s1`. */
function connection(
  info: string | Error,
  file: string | Error,
  { state = 'running', known = true }: { readonly state?: string; readonly known?: boolean } = {},
): Connection {
  const ancestry = { links: [], ...(known ? { lowLevel: { name: 'runc', bundle, source: 'test' } } : {}) };
  const container = { id: 'c1', sandboxId: 's1', state, ancestry };
  const status = (): Promise<{ info: Record<string, string> }> =>
    info instanceof Error ? Promise.reject(info) : Promise.resolve({ info: { info } });
  return {
    snapshot: {
      name: 'containerd',
      sandboxes: [{ id: 's1', containers: [container], ancestry }],
      orphans: [],
    },
    node: {
      readFile: () => (file instanceof Error ? Promise.reject(file) : Promise.resolve(Buffer.from(file))),
    },
    containerDetails: status,
    sandboxDetails: status,
  } as unknown as Connection;
}

describe('both texts of a spec', () => {
  test('agree, whatever the order of keys', async () => {
    const sources = await readSpecSources(
      connection('{"pid":1,"runtimeSpec":{"a":1,"b":[2]}}', '{"b":[2],"a":1}'),
      'c1',
    );
    expect(sources).toEqual({
      status: { text: '{"a":1,"b":[2]}', source: 'runtimeSpec' },
      bundle: { text: '{"b":[2],"a":1}', source: 'bundle', path: `${bundle}/config.json` },
      missing: {},
      differences: [],
    });
  });

  test('differ beyond 2^53', async () => {
    const limit = (text: string): string => `{"linux":{"resources":{"memory":{"limit":${text}}}}}`;
    const [one, other] = [limit('9223372036854775807'), limit('9223372036854775806')];
    const { differences } = await readSpecSources(connection(`{"runtimeSpec":${one}}`, other), 'c1');
    expect(differences?.map(({ path }) => path)).toEqual([['linux', 'resources', 'memory', 'limit']]);
  });

  test('of a sandbox too', async () => {
    const { status } = await readSpecSources(connection('{"runtimeSpec":{}}', '{}'), 's1');
    expect(status?.text).toBe('{}');
  });

  test('the one that is missing says why', async () => {
    const { missing, bundle: read } = await readSpecSources(connection('{"pid":1}', '{"a":1}'), 'c1');
    expect(missing).toEqual({ status: 'The runtime containerd does not give it in its status.' });
    expect(read?.text).toBe('{"a":1}');

    const denied = new NodeError('denied', 'no permission: use sudo');
    expect((await readSpecSources(connection('{"runtimeSpec":{}}', denied), 'c1')).missing).toEqual({
      bundle: 'no permission: use sudo',
    });

    const exited = connection('{"runtimeSpec":{}}', '', { state: 'exited', known: false });
    expect((await readSpecSources(exited, 'c1')).missing.bundle).toMatch(/It has exited/);
    const created = connection('{"runtimeSpec":{}}', '', { state: 'created', known: false });
    expect((await readSpecSources(created, 'c1')).missing.bundle).not.toMatch(/exited/);
  });

  test('neither is there, or one is no JSON', async () => {
    const none = await readSpecSources(
      connection(new Error('gone'), new NodeError('missing', 'no file')),
      'c1',
    );
    expect(none).toEqual({ missing: { status: 'gone', bundle: 'no file' } });
    const cut = await readSpecSources(connection('{"runtimeSpec":{"a":1}}', '{"a":'), 'c1');
    expect(cut.missing).toEqual({});
    expect(cut.differences).toBeUndefined();
  });

  test('a cancel rejects', async () => {
    const end = AbortSignal.abort(new Error('closed'));
    await expect(readSpecSources(connection('{"runtimeSpec":{}}', '{}'), 'c1', end)).rejects.toThrow(
      'closed',
    );
  });
});
