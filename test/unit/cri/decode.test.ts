import { describe, expect, it } from 'vitest';
import { decodeList } from '../../../src/cri/decode.js';
import { runtime } from '../../../src/cri/generated/api.js';

const { Container, ListContainersResponse } = runtime.v1;
const encode = (count: number): Uint8Array =>
  ListContainersResponse.encode({
    containers: Array.from({ length: count }, (_, index) => ({
      id: `id-${index}`,
      labels: Object.fromEntries(Array.from({ length: 20 }, (__, label) => [`label-${label}`, `${index}`])),
    })),
  }).finish();
const idOf = ({ id }: { readonly id: string }): string => id;

describe('decodeList', () => {
  it('gives every element in order', async () => {
    const ids = await decodeList(encode(100), Container, idOf);
    expect(ids).toEqual(Array.from({ length: 100 }, (_, index) => `id-${index}`));
  });

  it('lets others run between parts of a long list', async () => {
    const bytes = encode(5000);
    let turns = 0;
    const count = (): void => {
      turns++;
      if (turns < 1000) setImmediate(count);
    };
    setImmediate(count);
    expect(await decodeList(bytes, Container, idOf)).toHaveLength(5000);
    expect(turns).toBeGreaterThan(2);
  });

  it('skips fields it doesn’t know', async () => {
    const unknown = Buffer.from([0x10, 0x96, 0x01, 0x1a, 0x02, 0xff, 0xfe]);
    expect(await decodeList(Buffer.concat([unknown, encode(2), unknown]), Container, idOf)).toEqual([
      'id-0',
      'id-1',
    ]);
  });

  it.each([
    ['cut off', encode(3).subarray(0, -5)],
    ['no protobuf', Buffer.from('HTTP/1.1 400 Bad Request')],
  ])('rejects bytes that are %s', async (_name, bytes) => {
    await expect(decodeList(bytes, Container, idOf)).rejects.toThrow();
  });

  it('stops when it is cancelled', async () => {
    const abort = new AbortController();
    setImmediate(() => abort.abort(new Error('enough')));
    await expect(decodeList(encode(5000), Container, idOf, abort.signal)).rejects.toThrow('enough');
  });
});
