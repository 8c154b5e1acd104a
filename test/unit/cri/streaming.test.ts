import { once } from 'node:events';
import http from 'node:http';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import {
  openExec,
  type StreamExit,
  type StreamOptions,
  type StreamSession,
} from '../../../src/cri/streaming.js';
import type { ExecSession } from '../../../src/runtime/connection.js';
import { frame, startStreamServer, type StreamServer } from './streamServer.js';

let server: StreamServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

interface Run {
  readonly session: StreamSession;
  readonly exit: Promise<StreamExit>;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

async function run(
  serve: (socket: WebSocket) => void,
  options: Partial<StreamOptions> = {},
  protocols?: readonly string[],
): Promise<Run> {
  server = await startStreamServer(serve, protocols);
  const url = `http://127.0.0.1:${server.port}/exec/token`;
  const session = await openExec(url, {
    dial: server.dial,
    tty: false,
    stdin: true,
    ...options,
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  session.onStdout((data) => stdout.push(data));
  session.onStderr((data) => stderr.push(data));
  const exit = new Promise<StreamExit>((resolve) => session.onExit(resolve));
  return {
    session,
    exit,
    stdout: () => Buffer.concat(stdout).toString(),
    stderr: () => Buffer.concat(stderr).toString(),
  };
}

const failure = (extra: object): string =>
  JSON.stringify({
    ...extra,
    status: 'Failure',
    message: 'command terminated with non-zero exit code: exit status 7',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '7' }] },
  });

describe('openExec', () => {
  it('gives what the runtime room calls an ExecSession', () => {
    expectTypeOf<StreamSession>().toExtend<ExecSession>();
  });

  it('tells stdout from stderr, and ignores empty frames and channels it doesn’t know', async () => {
    const { exit, stdout, stderr } = await run((socket) => {
      socket.send(frame(1));
      socket.send(Buffer.alloc(0));
      socket.send(frame(1, 'out'));
      socket.send(frame(9, 'noise'));
      socket.send('text');
      socket.send(frame(2, 'err'));
      socket.send(frame(1, 'put'));
      socket.send(frame(3, '{"status":"Success"}'));
      socket.close(1000);
    });
    expect(await exit).toEqual({ code: 0 });
    expect([stdout(), stderr()]).toEqual(['output', 'err']);
  });

  it.each([
    ['newer', failure({})],
    ['older', failure({ metadata: {} })],
  ])('reads the exit code of the %s library', async (_name, status) => {
    const { exit } = await run((socket) => {
      socket.send(frame(3, status));
      socket.close(1000);
    });
    expect(await exit).toEqual({ code: 7 });
  });

  it('joins a status that comes in parts', async () => {
    const status = failure({});
    const { exit } = await run((socket) => {
      socket.send(frame(3, status.slice(0, 20)));
      socket.send(frame(3, status.slice(20)));
      socket.close(1000);
    });
    expect(await exit).toEqual({ code: 7 });
  });

  it('joins WebSocket fragments', async () => {
    const { exit, stdout } = await run((socket) => {
      socket.send(frame(1, 'ab'), { fin: false });
      socket.send(Buffer.from('cd'), { fin: true });
      socket.send(frame(3, '{"status":"Success"}'));
      socket.close(1000);
    });
    await exit;
    expect(stdout()).toBe('abcd');
  });

  it('says why a command could not be started', async () => {
    const message = 'Internal error occurred: error executing command in container: no such file';
    const { exit } = await run((socket) => {
      socket.send(
        frame(3, JSON.stringify({ status: 'Failure', message, reason: 'InternalError', code: 500 })),
      );
      socket.close(1000);
    });
    expect(await exit).toEqual({ message });
  });

  it('knows no exit code when the connection ends without a status', async () => {
    const ends = [(s: WebSocket) => s.close(1000), (s: WebSocket) => s.terminate()];
    for (const end of ends) {
      const { exit } = await run((socket) => {
        socket.send(frame(1, 'x'), () => end(socket));
      });
      const result = await exit;
      expect(result.code).toBeUndefined();
      expect(result.message).toContain('without an exit code');
      await server?.close();
    }
  });

  it('takes a clean close for success from conmon-rs, which speaks v5, and nothing else', async () => {
    const v5 = ['v5.channel.k8s.io'];
    const clean = await run((socket) => socket.close(1000), {}, v5);
    expect(await clean.exit).toEqual({ code: 0 });
    await server?.close();
    const cut = await run((socket) => socket.terminate(), {}, v5);
    expect((await cut.exit).code).toBeUndefined();
    await server?.close();
    const failed = await run(
      (socket) => {
        socket.send(frame(3, failure({})));
        socket.close(1000);
      },
      {},
      v5,
    );
    expect(await failed.exit).toEqual({ code: 7 });
  });

  it('keeps every byte of a huge output', async () => {
    const block = Buffer.alloc(64 * 1024, 'x');
    let bytes = 0;
    const { session, exit } = await run((socket) => {
      for (let index = 0; index < 200; index++) socket.send(frame(1, block));
      socket.send(frame(3, '{"status":"Success"}'));
      socket.close(1000);
    });
    session.onStdout((data) => (bytes += data.length));
    await exit;
    expect(bytes).toBe(200 * block.length);
  });

  it('ends a session whose server sends a frame beyond all bounds', async () => {
    const { exit } = await run((socket) => {
      socket.on('error', () => undefined);
      socket.send(frame(1, Buffer.alloc(8 * 1024 * 1024)));
    });
    expect((await exit).code).toBeUndefined();
  });

  it('offers v5 and v4, no origin, and sends the size first', async () => {
    const received: Buffer[] = [];
    const { session, exit } = await run(
      (socket) => {
        socket.on('message', (data: Buffer) => {
          received.push(data);
          if (received.length === 3) socket.send(frame(3, '{"status":"Success"}'), () => socket.close(1000));
        });
      },
      { tty: true, size: { columns: 120, rows: 40 } },
    );
    void session.write('ls\n');
    session.resize(0, 100_000);
    await exit;
    expect(received.map((data) => [data[0], data.subarray(1).toString()])).toEqual([
      [4, '{"Width":120,"Height":40}'],
      [0, 'ls\n'],
      [4, '{"Width":1,"Height":65535}'],
    ]);
    const headers = server?.requests[0]?.headers;
    expect(headers?.['sec-websocket-protocol']).toBe('v5.channel.k8s.io,v4.channel.k8s.io');
    expect(headers?.origin).toBeUndefined();
  });

  it('writes a paste of any size in order, in small frames, and says when it is out', async () => {
    const paste = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    const received: Buffer[] = [];
    const { session, exit } = await run((socket) => {
      socket.on('message', (data: Buffer) => {
        received.push(data.subarray(1));
        if (Buffer.concat(received).length > paste.length) socket.close(1000);
      });
    });
    await Promise.all([session.write(paste), session.write('!')]);
    await exit;
    expect(Buffer.concat(received).equals(Buffer.concat([paste, Buffer.from('!')]))).toBe(true);
    expect(Math.max(...received.map((data) => data.length))).toBeLessThanOrEqual(32 * 1024);
  });

  it('writes nothing without stdin, and resizes nothing without a tty', async () => {
    const received = vi.fn();
    const { session, exit } = await run((socket) => socket.on('message', received), { stdin: false });
    void session.write('x');
    session.resize(80, 24);
    session.close();
    expect(await exit).toEqual({ message: 'The connection was closed.' });
    expect(received).not.toHaveBeenCalled();
    await session.write('after the end');
  });

  it('loses nothing that came before anyone listened', async () => {
    server = await startStreamServer((socket) => {
      socket.send(frame(1, 'early'));
      socket.send(frame(3, '{"status":"Success"}'));
      socket.close(1000);
    });
    const url = `http://127.0.0.1:${server.port}/exec/token`;
    const session = await openExec(url, { dial: server.dial, tty: false, stdin: false });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const stdout: string[] = [];
    session.onStdout((data) => stdout.push(data.toString()));
    const exit = await new Promise((resolve) => session.onExit(resolve));
    expect([stdout.join(''), exit]).toEqual(['early', { code: 0 }]);
  });

  it('understands cri-dockerd’s URL', async () => {
    server = await startStreamServer((socket) => socket.close(1000));
    const dialled: [string, number][] = [];
    const { dial } = server;
    const session = await openExec(`//[::]:${server.port}/cri/exec/abc?x=1`, {
      dial: (host, port) => {
        dialled.push([host, port]);
        return dial(host, port);
      },
      tty: false,
      stdin: false,
    });
    session.close();
    expect(dialled).toEqual([['127.0.0.1', server.port]]);
    expect(server.requests[0]?.url).toBe('/cri/exec/abc?x=1');
    expect(server.requests[0]?.headers.host).toBe(`127.0.0.1:${server.port}`);
  });

  it('goes over the connection that was dialled, also under the http that VS Code gives to extensions', async () => {
    server = await startStreamServer((socket) => socket.close(1000));
    const { port, dial } = server;
    const { request } = http;
    const patched = vi
      .spyOn(http, 'request')
      .mockImplementation(((options: http.RequestOptions) =>
        request(options.socketPath ? options : { ...options, agent: new http.Agent() })) as never);
    try {
      const far = { dial: () => dial('127.0.0.1', port), tty: false, stdin: false };
      const session = await openExec('http://127.0.0.1:1/exec/a:b', far);
      session.close();
      expect(patched).toHaveBeenCalled();
      expect(server.requests[0]?.url).toBe('/exec/a:b');
    } finally {
      patched.mockRestore();
    }
  });
});

describe('openExec, when it can’t', () => {
  const open = async (path: string, options: Partial<StreamOptions> = {}): Promise<unknown> => {
    server = await startStreamServer(() => undefined);
    return openExec(`http://127.0.0.1:${server.port}${path}`, {
      dial: server.dial,
      tty: false,
      stdin: false,
      ...options,
    });
  };
  const allClosed = (): Promise<void> => vi.waitFor(() => expect(server?.openConnections()).toBe(0));

  it('explains a spent token', async () => {
    await expect(open('/spent')).rejects.toMatchObject({ kind: 'failed', message: /once, within a minute/ });
    await allClosed();
  });

  it('follows no redirect', async () => {
    await expect(open('/moved')).rejects.toMatchObject({ kind: 'protocol', message: /HTTP 302/ });
    await allClosed();
  });

  it('gives a silent server up', async () => {
    await expect(open('/silent', { timeoutMs: 50 })).rejects.toMatchObject({ kind: 'hung' });
    await allClosed();
  });

  it('gives up with the signal’s reason, and closes a connection that comes late', async () => {
    const abort = new AbortController();
    let arrive: (connection: Duplex) => void = () => undefined;
    const late = new Promise<Duplex>((resolve) => (arrive = resolve));
    const destroyed = vi.fn();
    const opened = open('/exec/t', { signal: abort.signal, dial: () => late });
    await vi.waitFor(() => expect(server).toBeDefined());
    abort.abort(new Error('no more'));
    await expect(opened).rejects.toThrow('no more');
    arrive({ destroy: destroyed } as never);
    await vi.waitFor(() => expect(destroyed).toHaveBeenCalledOnce());
  });

  it('hands on why it couldn’t dial', async () => {
    await expect(open('/exec/t', { dial: () => Promise.reject(new Error('no way')) })).rejects.toThrow(
      'no way',
    );
  });

  it('refuses a server that speaks another protocol', async () => {
    server = await startStreamServer(() => undefined, ['other']);
    const url = `http://127.0.0.1:${server.port}/exec/t`;
    await expect(openExec(url, { dial: server.dial, tty: false, stdin: false })).rejects.toMatchObject({
      kind: 'protocol',
    });
    await allClosed();
  });

  it('notices that the server dies in the handshake', async () => {
    server = await startStreamServer(() => undefined);
    const { dial } = server;
    const opened = openExec(`http://127.0.0.1:${server.port}/silent`, {
      dial: async (host, port) => {
        const connection = await dial(host, port);
        void once(connection, 'connect');
        setImmediate(() => connection.destroy());
        return connection;
      },
      tty: false,
      stdin: false,
    });
    await expect(opened).rejects.toMatchObject({ kind: 'protocol' });
  });
});
