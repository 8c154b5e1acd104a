import { describe, expect, test } from 'vitest';
import { mountFacts } from '../../../../src/model/oci/reality/mounts.js';
import { fakeKernel, lineOf, specOf } from './realitySupport.js';

/** As runc 1.1 and containerd 1.6 leave it on a cgroup v1 node, in short. */
const untouched = `1 0 0:90 / / rw,relatime - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w
2 1 0:91 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
3 1 0:92 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
4 1 0:93 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro
5 4 0:94 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755
6 5 0:31 /pod/id /sys/fs/cgroup/memory ro,nosuid,nodev,noexec,relatime - cgroup cgroup rw,memory
7 1 254:0 /kubelet/data /data rw,relatime - ext4 /dev/vda rw,discard
8 1 254:0 /kubelet/token /run/secrets/token ro,relatime - ext4 /dev/vda rw,discard
9 3 0:95 / /dev/shm rw,nosuid,nodev,noexec,relatime - tmpfs shm rw,size=65536k
10 2 0:91 /sys /proc/sys ro,nosuid,nodev,noexec,relatime - proc proc rw
11 2 0:92 /null /proc/keys rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
12 4 0:96 / /sys/firmware ro,relatime - tmpfs tmpfs ro
`;
const node = `20 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
21 20 0:95 / /run/shm rw,nosuid,nodev,noexec,relatime - tmpfs shm rw,size=65536k
22 20 0:90 / /run/rootfs rw,relatime - overlay overlay rw
`;
const strict = ['nosuid', 'noexec', 'nodev'];
const mounts = [
  { destination: '/proc', type: 'proc', source: 'proc', options: strict },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...strict, 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...strict, 'relatime', 'ro'] },
  { destination: '/data/', type: 'bind', source: '/kubelet/data', options: ['rbind', 'rprivate', 'rw'] },
  { destination: '/var/run/secrets/token', source: '/kubelet/token', options: ['rbind', 'rprivate', 'ro'] },
  { destination: '/dev/shm', type: 'bind', source: '/run/shm', options: ['rbind', 'ro', 'rw'] },
];
const linux = {
  maskedPaths: ['/proc/keys', '/proc/none', '/sys/firmware', '/opt/secret'],
  readonlyPaths: ['/proc/sys', '/proc/none'],
};

const kernelOf = (
  mountinfo: string,
  identities: Readonly<Record<string, string>> = {},
  runtimeMounts = node,
) => fakeKernel({ files: { '/proc/100/mountinfo': mountinfo }, identities, runtimeMounts });
const facts = (mountinfo: string, spec: object = { mounts, linux }, identities = {}) =>
  mountFacts(specOf(spec), kernelOf(mountinfo, identities));
const drifts = (mountinfo: string, spec?: object, identities?: object) =>
  facts(mountinfo, spec, identities)
    .filter(({ verdict }) => verdict === 'drift')
    .map(lineOf);

test('untouched: options of the kernel’s own, links of the image and submounts are no drift', () => {
  expect(facts(untouched).map(lineOf)).toEqual([
    'same root file system: writable | writable',
    'same mount /proc: proc, nosuid, nodev, noexec | proc, nosuid, nodev, noexec',
    'same mount /dev: tmpfs, nosuid | tmpfs, nosuid',
    'same mount /sys: sysfs, read-only, nosuid, nodev, noexec | sysfs, read-only, nosuid, nodev, noexec',
    'same mount /sys/fs/cgroup: cgroup, read-only, nosuid, nodev, noexec | cgroup, read-only, nosuid, nodev, noexec',
    'same mount /data: bind of /kubelet/data | bind of /kubelet/data',
    'same mount /var/run/secrets/token: bind of /kubelet/token, read-only | bind of /kubelet/token, read-only',
    'same mount /dev/shm: bind of /run/shm | bind of /run/shm',
    'same masked path /proc/keys: hidden | hidden',
    'same masked path /proc/none: hidden | hidden',
    'same masked path /sys/firmware: hidden | hidden',
    'unreadable masked path /opt/secret: hidden | ',
    'same read-only path /proc/sys: read-only | read-only',
    'same read-only path /proc/none: read-only | read-only',
  ]);
  const [, , , , , , token, shm] = facts(untouched);
  expect(token?.note).toBe('It is at /run/secrets/token: the image has a symbolic link on the way.');
  expect(shm?.note).toContain('as its source is');
});

describe('drift', () => {
  const without = (part: string): string =>
    untouched
      .split('\n')
      .filter((line) => !line.includes(part))
      .join('\n');

  test('a mount added, with who may have done so', () => {
    const added = `${untouched}13 1 0:99 / /mnt\\040x rw,relatime - tmpfs evil rw\n`;
    expect(drifts(added)).toEqual(['drift mount /mnt x: no such mount | tmpfs evil']);
    const bounding = ['CAP_SYS_ADMIN'];
    const [fact] = facts(added, { process: { capabilities: { bounding } }, mounts, linux }).slice(-1);
    expect(fact?.note).toContain('CAP_SYS_ADMIN');
    expect(facts(added).at(-1)?.note).toContain('one of the node did');
  });

  test('below a recursive bind anything may be, below another not', () => {
    const inside = `${untouched}13 7 0:99 / /data/volume rw - ext4 /dev/vdb rw\n`;
    expect(drifts(inside)).toEqual([]);
    const plain = mounts.map((mount) =>
      mount.destination === '/data/' ? { ...mount, options: ['bind', 'rw'] } : mount,
    );
    expect(drifts(inside, { mounts: plain, linux })).toEqual([
      'drift mount /data/volume: no such mount | ext4 /dev/vdb',
    ]);
  });

  test('a mount missing, covered, of another kind', () => {
    expect(drifts(without(' /data '))).toEqual(['drift mount /data: bind of /kubelet/data | not mounted']);
    expect(drifts(`${untouched}13 7 0:99 / /data rw - tmpfs cover rw\n`)).toEqual([
      'drift mount /data: bind of /kubelet/data | tmpfs cover',
    ]);
    expect(
      drifts(untouched.replace('/sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs', '/sys ro - tmpfs x')),
    ).toEqual(['drift mount /sys: sysfs, read-only, nosuid, nodev, noexec | tmpfs x, read-only']);
    const bound = `${untouched}13 7 0:90 /bin /dev/pts rw - overlay overlay rw\n`;
    expect(drifts(bound)).toEqual(['drift mount /dev/pts: no such mount | overlay overlay of /bin']);
  });

  test('other options', () => {
    expect(drifts(untouched.replace('/run/secrets/token ro', '/run/secrets/token rw'))).toEqual([
      'drift mount /var/run/secrets/token: bind of /kubelet/token, read-only | bind of /kubelet/token',
    ]);
    expect(drifts(untouched.replace('/data rw', '/data ro,noexec'))).toEqual([
      'drift mount /data: bind of /kubelet/data | bind of /kubelet/data, read-only, noexec',
    ]);
    expect(drifts(untouched.replace('/sys/fs/cgroup/memory ro', '/sys/fs/cgroup/memory rw'))[0]).toMatch(
      /^drift mount \/sys\/fs\/cgroup/,
    );
    expect(drifts(untouched.replace('/ / rw', '/ / ro'))).toEqual([
      'drift root file system: writable | read-only',
    ]);
  });

  test('masked and read-only paths laid bare', () => {
    expect(drifts(without('/proc/keys'), undefined, { '/proc/keys': '0:1' })).toEqual([
      'drift masked path /proc/keys: hidden | not hidden',
    ]);
    expect(drifts(untouched.replace('/proc/sys ro', '/proc/sys rw'))).toEqual([
      'drift read-only path /proc/sys: read-only | writable',
    ]);
  });

  test('thousands of strange mounts are counted', () => {
    const many = Array.from(
      { length: 3000 },
      (_, index) => `${index + 50} 1 0:99 / /x/${index} rw - tmpfs x rw\n`,
    );
    const found = drifts(untouched + many.join(''));
    expect(found).toHaveLength(51);
    expect(found.at(-1)).toBe('drift more mounts: none | 2950');
  });
});

describe('no drift', () => {
  test('a source behind a symbolic link of the node is said to be unproven', () => {
    const linked = mounts.map((mount) =>
      mount.destination === '/data/' ? { ...mount, source: '/linked/data' } : mount,
    );
    const fact = facts(untouched, { mounts: linked, linux }).find(({ name }) => name === 'mount /data');
    expect(fact).toMatchObject({ verdict: 'same', note: expect.stringContaining('can’t be told') as string });
  });

  test('a source that was removed', () => {
    const fact = facts(untouched.replace('/kubelet/data ', '/kubelet/data//deleted ')).find(
      ({ name }) => name === 'mount /data',
    );
    expect(fact).toMatchObject({ verdict: 'same', note: 'Its source was removed on the node since.' });
  });

  test('devices of a user namespace, and the console of a terminal', () => {
    const more = `${untouched}13 3 0:6 /null /dev/null rw - devtmpfs devtmpfs rw\n14 3 0:97 /0 /dev/console rw - devpts devpts rw\n`;
    expect(drifts(more)).toHaveLength(2);
    const spec = { mounts, linux: { ...linux, namespaces: [{ type: 'user' }] }, process: { terminal: true } };
    expect(drifts(more, spec)).toEqual([]);
  });

  test('nothing is known of the runtime’s own mounts', () => {
    const alone = mountFacts(specOf({ mounts, linux }), kernelOf(untouched, {}, ''));
    expect(alone.filter(({ verdict }) => verdict === 'drift').map(lineOf)).toEqual([]);
  });

  test('a table that can’t be read, or is empty', () => {
    expect(mountFacts(specOf({ mounts }), fakeKernel({}))).toMatchObject([
      { verdict: 'unreadable', path: ['mounts'] },
    ]);
    expect(facts('')).toMatchObject([{ verdict: 'unreadable' }]);
  });
});
