import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeErrorOf } from '../../src/node/errors.js';
import { createLocalNode } from '../../src/node/local.js';
import { NodeError, type Node } from '../../src/node/node.js';

let folder: string;
let node: Node;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'criex-local-'));
  node = createLocalNode({ followPollMs: 5 });
});
afterEach(() => {
  node.dispose();
  rmSync(folder, { recursive: true });
});

const file = (name: string, content: string | Buffer = ''): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const isAlive = (pid: number): boolean => {
  try {
    // A zombie has ended, whoever may still have to be told.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
};

describe('files', () => {
  it('are read by range', async () => {
    const path = file('a', '0123456789');
    expect((await node.readFile(path)).toString()).toBe('0123456789');
    expect((await node.readFile(path, { offset: 3, length: 4 })).toString()).toBe('3456');
    expect((await node.readFile(path, { offset: 8, length: 4 })).toString()).toBe('89');
    expect((await node.readFile(path, { offset: 20 })).length).toBe(0);
    const large = file('large', Buffer.alloc(3_000_000, 'x'));
    expect((await node.readFile(large)).length).toBe(1024 * 1024);
    expect((await node.readFile(large, { offset: 2_900_000, length: 1_000_000 })).length).toBe(100_000);
  });

  it('of /proc are read, though their size is 0', async () => {
    expect((await node.readFile('/proc/self/cmdline')).length).toBeGreaterThan(0);
  });

  it('that are none, are FIFOs or folders give reasons, at once', async () => {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    await expect(node.readFile(join(folder, 'none'))).rejects.toMatchObject({ kind: 'missing' });
    await expect(node.readFile(join(file('f'), 'below'))).rejects.toMatchObject({ kind: 'missing' });
    await expect(node.readFile(join(folder, 'fifo'))).rejects.toMatchObject({ kind: 'unsupported' });
    await expect(node.readFile(folder)).rejects.toMatchObject({ kind: 'unsupported' });
  });

  it('come many at once, each or its error', async () => {
    const paths = [file('a', 'A'), join(folder, 'none'), file('b', Buffer.alloc(300_000))];
    const files = await node.readFiles([...paths, paths[0]!]);
    expect([...files.keys()].sort()).toEqual([...paths].sort());
    expect(files.get(paths[0]!)).toEqual(Buffer.from('A'));
    expect(files.get(paths[1]!)).toBeInstanceOf(NodeError);
    expect((files.get(paths[2]!) as Buffer).length).toBe(256 * 1024);
  });

  it('have an identity beyond their path', async () => {
    const path = file('a', 'abc');
    linkSync(path, join(folder, 'hard'));
    symlinkSync(path, join(folder, 'soft'));
    const info = await node.stat(path);
    expect(info).toMatchObject({ size: 3, type: 'file' });
    expect(info.identity).toMatch(/^\d+:\d+$/);
    expect(Math.abs(info.modifiedAt - Date.now())).toBeLessThan(60_000);
    expect((await node.stat(join(folder, 'hard'))).identity).toBe(info.identity);
    expect((await node.stat(join(folder, 'soft'))).identity).toBe(info.identity);
    expect((await node.stat(folder)).type).toBe('directory');
    await expect(node.stat(join(folder, 'none'))).rejects.toMatchObject({ kind: 'missing' });
  });

  it('are listed in order', async () => {
    for (const name of ['b', 'a', 'c']) file(name);
    mkdirSync(join(folder, 'd'));
    expect(await node.list(folder)).toEqual(['a', 'b', 'c', 'd']);
    await expect(node.list(join(folder, 'none'))).rejects.toMatchObject({ kind: 'missing' });
  });

  it('are followed until the node goes', async () => {
    const path = file('log', 'one');
    const events: string[] = [];
    node.follow(path, 1, (event) => events.push(event.type === 'data' ? event.bytes.toString() : event.type));
    await vi.waitFor(() => expect(events).toEqual(['ne']));
    node.dispose();
    await expect(node.readFile(path)).rejects.toThrow('closed');
  });

  it('are not read for somebody who gave up', async () => {
    await expect(node.readFile(file('a'), { signal: AbortSignal.abort(new Error('late')) })).rejects.toThrow(
      'late',
    );
  });
});

describe('errors', () => {
  it('say what was tried and what to do', () => {
    const denied = nodeErrorOf(
      Object.assign(new Error('EACCES: x'), { code: 'EACCES' }),
      'open the socket /s',
    );
    expect(denied.kind).toBe('denied');
    expect(denied.message).toMatch(/^Cannot open the socket \/s: permission denied\. .*sudo/);
    expect(nodeErrorOf(Object.assign(new Error('x'), { code: 'EIO' }), 'read /a')).toMatchObject({
      kind: 'failed',
      message: 'Cannot read /a: x.',
    });
    expect(nodeErrorOf(denied, 'again')).toBe(denied);
  });
});

describe('commands', () => {
  it('run without a shell', async () => {
    const result = await node.run(['sh', '-c', 'cat; echo "$1" >&2; exit 3', 'sh', '$HOME; *'], {
      input: Buffer.from('in'),
    });
    expect(result).toEqual({ code: 3, stdout: Buffer.from('in'), stderr: Buffer.from('$HOME; *\n') });
  });

  it('that are missing or killed tell so', async () => {
    await expect(node.run(['criex-none'])).rejects.toMatchObject({ kind: 'missing' });
    expect(await node.run(['sh', '-c', 'kill -9 $$'])).toMatchObject({ code: null });
    expect(await node.run(['true'], { input: Buffer.alloc(1_000_000) })).toMatchObject({ code: 0 });
  });

  it('are ended with their children when called off', async () => {
    const abort = new AbortController();
    const pids = join(folder, 'pids');
    // The child ignores SIGTERM and holds none of the pipes.
    const script = `(trap '' TERM; exec sleep 1000 >/dev/null 2>&1 </dev/null) & echo $! $$ > ${pids}; wait`;
    const run = node.run(['sh', '-c', script], { signal: abort.signal });
    await vi.waitFor(() => expect(existsSync(pids) && readFileSync(pids, 'utf8')).toMatch(/\n/));
    abort.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    const [child, shell] = readFileSync(pids, 'utf8').trim().split(' ').map(Number);
    await vi.waitFor(() => expect([child!, shell!].filter(isAlive)).toEqual([]), { timeout: 5000 });
  });

  it('are ended when they print too much', async () => {
    await expect(node.run(['sh', '-c', 'yes'], { maxBytes: 1000 })).rejects.toMatchObject({
      kind: 'failed',
      message: /1000 bytes/,
    });
  });

  it('are not waited for when only something they left behind holds the output', async () => {
    const { stdout } = await node.run(['sh', '-c', 'sleep 1000 & echo $!']);
    const pid = Number(stdout.toString());
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5000 });
  });

  it('end with the node', async () => {
    const pids = join(folder, 'pid');
    const run = node.run(['sh', '-c', `echo $$ > ${pids}; exec sleep 1000`]);
    await vi.waitFor(() => expect(existsSync(pids) && readFileSync(pids, 'utf8')).toMatch(/\n/));
    node.dispose();
    await expect(run).rejects.toThrow('closed');
    await vi.waitFor(() => expect(isAlive(Number(readFileSync(pids, 'utf8')))).toBe(false), {
      timeout: 5000,
    });
  });
});

describe('sockets', () => {
  let server: Server;
  const open = new Set<Socket>();
  const listen = async (target: string | number): Promise<void> => {
    server = createServer((socket) => {
      open.add(socket.on('close', () => open.delete(socket)).on('error', () => undefined));
      socket.pipe(socket);
    });
    if (typeof target === 'string') server.listen(target);
    else server.listen(target, '127.0.0.1');
    await once(server, 'listening');
  };
  const close = async (): Promise<void> => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  };

  it('are checked before they are used', async () => {
    const path = join(folder, 's');
    await listen(path);
    expect((await node.socket(path)).path).toBe(path);
    await expect(node.socket(join(folder, 'none'))).rejects.toMatchObject({ kind: 'missing' });
    await expect(node.socket(file('plain'))).rejects.toMatchObject({ message: /not a socket/ });
    const long = join(folder, 'x'.repeat(108 - folder.length - 1));
    await expect(node.socket(long)).rejects.toMatchObject({ kind: 'unsupported', message: /108 bytes/ });
    await close();
  });

  it('may be Windows pipes', async () => {
    const pipe = '\\\\.\\pipe\\containerd-containerd';
    for (const form of [
      pipe,
      'npipe:////./pipe/containerd-containerd',
      'npipe:\\\\.\\pipe\\containerd-containerd',
    ]) {
      expect((await node.socket(form)).path).toBe(pipe);
    }
  });

  it('of TCP are dialled, and closed with the node', async () => {
    await listen(0);
    const { port } = server.address() as AddressInfo;
    const socket = await node.dial('127.0.0.1', port);
    socket.write('echo');
    expect(String((await once(socket, 'data'))[0])).toBe('echo');
    const closed = once(socket, 'close');
    node.dispose();
    await closed;
    await close();
    const other = createLocalNode();
    await expect(other.dial('127.0.0.1', port)).rejects.toMatchObject({ kind: 'refused' });
    const late = other.dial('127.0.0.1', port, AbortSignal.abort(new Error('late')));
    await expect(late).rejects.toThrow('late');
    other.dispose();
  });
});

it('reads the environment', async () => {
  vi.stubEnv('CRIEX_TEST', 'x');
  expect(await node.env('CRIEX_TEST')).toBe('x');
  expect(await node.env('CRIEX_NONE')).toBeUndefined();
  vi.unstubAllEnvs();
});
