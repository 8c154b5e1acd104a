import { expect, test } from 'vitest';
import { parseMountinfo } from '../../../src/model/mountinfo.js';

test('a mount with optional fields, and escapes as the kernel writes them', () => {
  const line =
    '36 35 98:0 /mnt1 /mnt\\0402\\134 rw,noatime master:1 shared:7 - ext3 /dev/ro\\011ot rw,errors=continue';
  expect(parseMountinfo(`${line}\n`)).toEqual([
    {
      ...{ id: 36, parentId: 35, device: '98:0', root: '/mnt1', mountPoint: '/mnt 2\\' },
      ...{ options: ['rw', 'noatime'], propagation: ['master:1', 'shared:7'], fsType: 'ext3' },
      ...{ source: '/dev/ro\tot', superOptions: ['rw', 'errors=continue'] },
    },
  ]);
});

test('a namespace, a mount without optional fields, and lines that are none', () => {
  const text = '70 26 0:4 net:[4026532281] /run/netns/cni-1 rw - nsfs nsfs rw\nnonsense\n\n1 2 3 4 5 6 7 8\n';
  const mounts = parseMountinfo(text);
  expect(mounts).toHaveLength(1);
  expect(mounts[0]).toMatchObject({ root: 'net:[4026532281]', fsType: 'nsfs', propagation: [] });
});
