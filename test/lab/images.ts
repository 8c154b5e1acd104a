import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const busyboxImage = 'lab.local/busybox:1.35';
export const pauseImage = 'lab.local/pause:3.9';

interface Image {
  readonly name: string;
  readonly entrypoint: readonly string[];
  /** Fills the root file system. */
  readonly fill: (root: string) => Promise<void>;
}

const images: readonly Image[] = [
  { name: busyboxImage, entrypoint: ['/bin/sh'], fill: fillBusybox },
  {
    name: pauseImage,
    entrypoint: process.arch === 'x64' ? ['/pause'] : ['/bin/sleep', '2147483647'],
    fill: fillPause,
  },
];

/** Builds both images from Debian's static busybox as one tar, an OCI image layout. Returns the tar's path. */
export async function buildImages(folder: string): Promise<string> {
  const layout = join(folder, 'layout');
  await mkdir(join(layout, 'blobs/sha256'), { recursive: true });
  const manifests: object[] = [];
  for (const [index, image] of images.entries()) {
    manifests.push(await addImage(layout, join(folder, `root-${index}`), image));
  }
  await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  const tar = join(folder, 'images.tar');
  await run('tar', ['-C', layout, '-cf', tar, '.']);
  return tar;
}

/** OCI image-spec: descriptor, manifest, config, each blob under its digest. */
async function addImage(layout: string, root: string, image: Image): Promise<object> {
  await mkdir(root);
  await image.fill(root);
  const layer = `${root}.tar`;
  await run('tar', [
    '-C',
    root,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--sort=name',
    '-cf',
    layer,
    '.',
  ]);
  const layerBlob = await addBlob(layout, 'application/vnd.oci.image.layer.v1.tar', await readFile(layer));
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Entrypoint: image.entrypoint,
    },
    rootfs: { type: 'layers', diff_ids: [layerBlob.digest] },
  };
  const configBlob = await addBlob(
    layout,
    'application/vnd.oci.image.config.v1+json',
    JSON.stringify(config),
  );
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = { schemaVersion: 2, mediaType: manifestType, config: configBlob, layers: [layerBlob] };
  const blob = await addBlob(layout, manifestType, JSON.stringify(manifest));
  return { ...blob, annotations: { 'io.containerd.image.name': image.name } };
}

async function addBlob(layout: string, mediaType: string, content: Buffer | string) {
  const hex = createHash('sha256').update(content).digest('hex');
  await writeFile(join(layout, 'blobs/sha256', hex), content);
  return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(content) };
}

async function fillBusybox(root: string): Promise<void> {
  for (const folder of ['bin', 'etc', 'root', 'var/log', 'tmp']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await copyFile('/bin/busybox', join(root, 'bin/busybox'));
  const { stdout } = await run('/bin/busybox', ['--list']);
  const applets = stdout.split('\n').filter((name) => name !== '' && name !== 'busybox');
  for (const applet of applets) await symlink('busybox', join(root, 'bin', applet));
  await writeFile(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000:web:/tmp:/bin/sh\n',
  );
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nweb:x:1000:\n');
}

async function fillPause(root: string): Promise<void> {
  if (process.arch !== 'x64') return fillBusybox(root);
  return writeFile(join(root, 'pause'), pauseProgram(), { mode: 0o755 });
}

/** An x86-64 ELF executable that calls pause(2) for ever: what Kubernetes' pause image does, without a compiler. */
function pauseProgram(): Buffer {
  // mov eax, 34 (pause); syscall; jmp to the start
  const code = Buffer.from([0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7]);
  const headers = 64 + 56;
  const base = 0x400000n;
  const elf = Buffer.alloc(headers);
  elf.write('\x7fELF\x02\x01\x01', 'latin1');
  elf.writeUInt16LE(2, 16); // e_type: EXEC
  elf.writeUInt16LE(62, 18); // e_machine: x86-64
  elf.writeUInt32LE(1, 20); // e_version
  elf.writeBigUInt64LE(base + BigInt(headers), 24); // e_entry
  elf.writeBigUInt64LE(64n, 32); // e_phoff
  elf.writeUInt16LE(64, 52); // e_ehsize
  elf.writeUInt16LE(56, 54); // e_phentsize
  elf.writeUInt16LE(1, 56); // e_phnum
  elf.writeUInt32LE(1, 64); // p_type: LOAD
  elf.writeUInt32LE(5, 68); // p_flags: read, execute
  elf.writeBigUInt64LE(base, 80); // p_vaddr
  elf.writeBigUInt64LE(base, 88); // p_paddr
  elf.writeBigUInt64LE(BigInt(headers + code.length), 96); // p_filesz
  elf.writeBigUInt64LE(BigInt(headers + code.length), 104); // p_memsz
  elf.writeBigUInt64LE(4096n, 112); // p_align
  return Buffer.concat([elf, code]);
}
