import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ExecRequest } from '../../../src/runtime/connection.js';
import { ExecDriver, type ExecDriverOptions } from '../../../src/terminal/execDriver.js';
import { english } from '../../../src/util/translate.js';
import { FakeSession } from './fakeSession.js';

const containerd = (shell: string): string =>
  `Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "ab": OCI runtime exec failed: exec failed: unable to start container process: exec: "${shell}": executable file not found in $PATH: unknown`;
const docker = (shell: string): string =>
  `OCI runtime exec failed: exec failed: unable to start container process: exec: "${shell}": executable file not found in $PATH: unknown\r\n`;

/** A driver in a container that holds the given programs, or answers each exec by `onExec`. */
class Stage {
  readonly requests: ExecRequest[] = [];
  readonly sessions: FakeSession[] = [];
  text = '';
  closes = 0;
  left = 0;
  readonly driver: ExecDriver;

  constructor(
    program: ExecDriverOptions['program'],
    onExec: (session: FakeSession, program: string) => void = () => undefined,
  ) {
    this.driver = new ExecDriver({
      program,
      exec: (request) => {
        const session = new FakeSession();
        this.requests.push(request);
        this.sessions.push(session);
        setTimeout(() => onExec(session, request.command[0]), 5);
        return Promise.resolve(session);
      },
      screen: {
        write: (text) => (this.text += text),
        close: () => (this.closes += 1),
        leftRunning: () => (this.left += 1),
      },
      t: english,
    });
  }

  get last(): FakeSession {
    return this.sessions.at(-1)!;
  }

  /** What is on the screen below the first line, which is ours, without colours. */
  get shown(): string {
    // eslint-disable-next-line no-control-regex -- colours begin with ESC
    return this.text.replace(/\u001b\[[?\d;]*[a-z]/gi, '').replace(/^.*?\r\n/, '');
  }

  get tried(): string[] {
    return this.requests.map(({ command }) => command.join(' '));
  }
}

const shells = { shells: ['bash', 'sh', 'ash'] };
const settle = (ms = 1000): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a shell', () => {
  test('is the first that is there; the noise of missing ones is not shown (containerd)', async () => {
    const stage = new Stage(shells, (session, name) => {
      if (name === 'sh') session.say('# ');
      else session.end({ message: containerd(name) });
    });
    void stage.driver.open({ columns: 80, rows: 24 });
    await settle();
    expect(stage.tried).toEqual(['bash', 'sh']);
    expect(stage.shown).toBe('# ');
    expect(stage.requests[1]).toEqual({
      command: ['sh'],
      tty: true,
      stdin: true,
      size: { columns: 80, rows: 24 },
    });
    expect(stage.sessions[0]!.closed).toBe(true);
  });

  test.each([
    ['docker', 126, docker('bash')],
    ['docker, in two pieces', 127, docker('bash')],
    [
      'CRI-O and runc',
      255,
      'exec failed: unable to start container process: exec: "bash": executable file not found in $PATH\r\n',
    ],
    ['crun', 1, 'executable file `bash` not found in $PATH: No such file or directory\r\n'],
    [
      'no permission',
      126,
      'OCI runtime exec failed: exec failed: exec: "bash": permission denied: unknown\r\n',
    ],
    ['silent', 127, ''],
  ])('is not taken for there when it is missing: %s', async (_, code, noise) => {
    const stage = new Stage(shells, (session, name) => {
      if (name === 'sh') {
        session.say('$ ');
        return;
      }
      session.say(noise.slice(0, 70));
      setTimeout(() => session.say(noise.slice(70)), 20);
      setTimeout(() => session.end({ code }), 400);
    });
    void stage.driver.open();
    await settle(3000);
    expect(stage.tried).toEqual(['bash', 'sh']);
    expect(stage.shown).toBe('$ ');
  });

  test.each([
    [0, ''],
    [0, 'welcome\r\n'],
    [3, 'rc: broken\r\n'],
    [1, ''],
  ])('that ends at once with %d after %j is not taken for missing', async (code, output) => {
    const stage = new Stage(shells, (session) => {
      session.say(output);
      session.end({ code });
    });
    void stage.driver.open();
    await settle();
    expect(stage.tried).toEqual(['bash']);
    expect(stage.shown).toBe(
      `${output}\r\n[exited with code ${code}]\r\nPress any key to close the terminal.`,
    );
  });

  test('that never stops printing is shown all the same', async () => {
    const stage = new Stage(shells, (session) => {
      const timer = setInterval(() => session.say('x'), 50);
      setTimeout(() => clearInterval(timer), 5000);
    });
    void stage.driver.open();
    await settle(2000);
    expect(stage.shown).toContain('xxx');
  });

  test('that takes long to fail is still missing, and keys struck meanwhile reach the next', async () => {
    const stage = new Stage(shells, (session, name) => {
      if (name === 'bash') setTimeout(() => session.end({ message: containerd(name) }), 60_000);
      else session.say('$ ');
    });
    void stage.driver.open();
    await settle(10);
    stage.driver.input('ls\r');
    stage.driver.resize({ columns: 100, rows: 30 });
    expect(stage.last.written).toBe('ls\r');
    await settle(61_000);
    expect(stage.tried).toEqual(['bash', 'sh']);
    expect(stage.last.written).toBe('ls\r');
    expect(stage.requests[1]!.size).toEqual({ columns: 100, rows: 30 });
    stage.driver.input('x');
    expect(stage.last.written).toBe('ls\rx');
  });

  test('that talks about missing files but goes on is shown after a while', async () => {
    const stage = new Stage(shells, (session) => session.say('motd: No such file or directory\r\n$ '));
    void stage.driver.open();
    await settle(5000);
    expect(stage.shown).toContain('$ ');
    expect(stage.tried).toEqual(['bash']);
  });

  test('of a container without any gets an answer that names what was tried', async () => {
    const stage = new Stage({ shells: ['bash', '/opt/sh'] }, (session, name) =>
      session.end({ message: containerd(name) }),
    );
    void stage.driver.open();
    await settle();
    expect(stage.tried).toEqual(['bash', '/opt/sh', '/bin/bash', '/busybox/sh']);
    expect(stage.shown).toContain('This container has no shell.');
    expect(stage.shown).toContain('Tried: bash, /opt/sh, /bin/bash, /busybox/sh.');
    expect(stage.shown).toContain('Run Command in Container…');
    stage.driver.input('q');
    expect(stage.closes).toBe(1);
  });

  test('is not looked for any further when the connection fails', async () => {
    const stage = new Stage(shells, (session) => session.end({ message: 'socket hang up' }));
    void stage.driver.open();
    await settle();
    expect(stage.tried).toEqual(['bash']);
    expect(stage.shown).toContain('Could not start it: socket hang up');
  });

  test('closes its terminal when a person ended it well, and stays with the code otherwise', async () => {
    for (const [code, closes] of [
      [0, 1],
      [7, 0],
    ] as const) {
      const stage = new Stage(shells, (session) => session.say('$ '));
      void stage.driver.open();
      await settle();
      stage.driver.input('exit\r');
      stage.last.end({ code });
      expect(stage.closes).toBe(closes);
      if (code === 7) expect(stage.shown).toContain('[exited with code 7]');
    }
  });
});

describe('a command', () => {
  const command = { command: ['cat', '-'] as [string, ...string[]] };
  const running = async (): Promise<Stage> => {
    const stage = new Stage(command);
    void stage.driver.open();
    await settle(10);
    return stage;
  };

  test('shows its output with characters cut between chunks, and its code', async () => {
    const stage = await running();
    const bytes = Buffer.from('世界🙂');
    for (const byte of bytes) stage.last.say(Buffer.from([byte]));
    stage.last.say(Buffer.from([0xe4, 0xb8]));
    stage.last.end({ code: 0 });
    expect(stage.shown).toBe('世界🙂\ufffd\r\n[exited with code 0]\r\nPress any key to close the terminal.');
    expect(stage.last.closed).toBe(true);
  });

  test('passes keys and sizes on as they are', async () => {
    const stage = await running();
    stage.driver.input('\u0003');
    stage.driver.resize({ columns: 10, rows: 5 });
    expect(stage.last.written).toBe('\u0003');
    expect(stage.last.sizes).toEqual(['10x5']);
  });

  test('loses nothing that comes with the end in the same moment', async () => {
    const stage = new Stage(command, (session) => {
      session.say('out\r\n');
      session.complain('err\n');
      session.end({ code: 2 });
    });
    void stage.driver.open();
    await settle(10);
    expect(stage.shown).toMatch(/^out\r\nerr\r\n\r\n\[exited with code 2\]/);
  });

  test('says plainly that the connection was lost', async () => {
    const stage = await running();
    stage.last.end({ message: 'read ECONNRESET\u001b[2J' });
    expect(stage.shown).toContain('read ECONNRESET\\x1b[2J. What ran here may go on');
    expect(stage.shown).toContain('may go on in the container');
  });

  test('that is missing is told as the runtime tells it', async () => {
    const stage = await running();
    stage.last.end({ message: containerd('cat') });
    expect(stage.shown).toContain('executable file not found');
    expect(stage.tried).toEqual(['cat -']);
  });

  test('stays closed only on a key, not on what a terminal says by itself', async () => {
    const stage = await running();
    stage.last.end({ code: 0 });
    stage.driver.input('\u001b[12;1R');
    expect(stage.closes).toBe(0);
    stage.driver.input(' ');
    expect(stage.closes).toBe(1);
  });
});

describe('closing the terminal', () => {
  test('ends nested shells by ^C and ^D', async () => {
    const stage = new Stage(shells, (session) => session.say('$ '));
    void stage.driver.open();
    await settle();
    let nested = 2;
    stage.last.answer = (data) => {
      if (data === '\u0004' && --nested === 0) stage.last.end({ code: 0 });
    };
    const closed = stage.driver.close();
    await settle(5000);
    await closed;
    expect(stage.last.written).toBe('\u0003\u0004\u0003\u0004');
    expect([stage.last.closed, stage.left]).toEqual([true, 0]);
  });

  test('says so when the program goes on', async () => {
    const stage = new Stage(shells, (session) => session.say('$ '));
    void stage.driver.open();
    await settle();
    const closed = stage.driver.close();
    await settle(5000);
    await closed;
    expect([stage.last.closed, stage.left]).toEqual([true, 1]);
  });

  test('while a shell is being looked for ends that one and tries no more', async () => {
    const stage = new Stage(shells);
    void stage.driver.open();
    await settle(10);
    stage.last.answer = (data) => data === '\u0004' && stage.last.end({ code: 0 });
    const closed = stage.driver.close();
    await settle(5000);
    await closed;
    expect(stage.tried).toEqual(['bash']);
    expect([stage.last.closed, stage.left, stage.closes]).toEqual([true, 0, 0]);
  });

  test('after the end does nothing more', async () => {
    const stage = new Stage(shells, (session) => session.end({ code: 0 }));
    void stage.driver.open();
    await settle();
    await stage.driver.close();
    expect([stage.last.written, stage.left]).toEqual(['', 0]);
  });
});
