import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { collect, type Collected } from '../../../src/node/shell/collect.js';
import type { Channel, ChannelEnd, Launcher, ShellCommand } from '../../../src/node/shell/launcher.js';
import { parseAnswer, ResidentShells, residentText } from '../../../src/node/shell/residents.js';
import { LocalStarter } from '../../../src/node/shell/localStarter.js';
import { ShellLauncher } from '../../../src/node/shell/shellLauncher.js';

const owned: { dispose(): void }[] = [];
afterEach(() => {
  for (const one of owned.splice(0).reverse()) one.dispose();
});

/** Shells of this machine; `launched` are the commands that started a process. */
function shells(): {
  readonly residents: ResidentShells;
  readonly launched: ShellCommand[];
  channels: Channel[];
} {
  const starter = new LocalStarter();
  const launcher = new ShellLauncher(starter);
  const launched: ShellCommand[] = [];
  const channels: Channel[] = [];
  const counting: Launcher = {
    async launch(command, signal) {
      launched.push(command);
      const channel = await launcher.launch(command, signal);
      channels.push(channel);
      return channel;
    },
  };
  const residents = new ResidentShells(counting, true);
  owned.push(starter, residents);
  return { residents, launched, channels };
}

const run = (
  launcher: Launcher,
  script: string,
  args: readonly string[] = [],
  signal?: AbortSignal,
): Promise<Collected> => collect(launcher, { script, args }, { maxBytes: 8 * 1024 * 1024, signal });

test('scripts run one after another in one shell, apart from one another', async () => {
  const { residents, launched } = shells();
  const first = await run(residents, 'echo "$1"; cd /tmp; x=set; echo bad >&2; exit 3', ["it's\n$(id)"]);
  expect([first.code, first.stdout.toString(), first.stderr]).toEqual([3, "it's\n$(id)\n", 'bad']);
  const second = await run(residents, 'pwd; echo "[$x$*]"; cat; exec echo done');
  expect(second).toMatchObject({ code: 0, stderr: '' });
  expect(second.stdout.toString()).toBe('/\n[]\ndone\n');
  expect(launched).toHaveLength(1);
});

test('output is exact to the byte: none, no newline at its end, much, and of any kind', async () => {
  const { residents } = shells();
  expect((await run(residents, ':')).stdout).toHaveLength(0);
  expect((await run(residents, "printf 'a\\n\\n\\000\\377b'")).stdout).toEqual(
    Buffer.from('a\n\n\0\xffb', 'latin1'),
  );
  const big = await run(residents, 'head -c 5000000 /dev/urandom');
  expect(big.stdout).toHaveLength(5_000_000);
});

test('the mark can be cut anywhere, and what looks like one is data', () => {
  const nonce = randomBytes(16).toString('hex');
  const answer = Buffer.from(`data${nonce.slice(0, 20)}\n0 \n${nonce} 7\nsaid\n${nonce}\n`);
  expect(parseAnswer(answer, nonce)).toEqual({
    code: 7,
    stdout: Buffer.from(`data${nonce.slice(0, 20)}\n0 \n`),
    stderr: 'said\n',
  });
  expect(() => parseAnswer(Buffer.from(`garbage ${nonce}\n`), nonce)).toThrow('garbled');
});

test('a cancelled script costs its shell, and the next one gets another', async () => {
  const { residents, launched } = shells();
  const cut = new AbortController();
  const sleeping = run(residents, 'sleep 30', [], cut.signal);
  setImmediate(() => cut.abort(new Error('no longer wanted')));
  await expect(sleeping).rejects.toThrow('no longer wanted');
  expect((await run(residents, 'echo again')).stdout.toString()).toBe('again\n');
  await expect(collect(residents, { script: 'head -c 9999999 /dev/zero' }, { maxBytes: 10 })).rejects.toThrow(
    'more than 10 bytes',
  );
  expect((await run(residents, 'echo again')).stdout.toString()).toBe('again\n');
  expect(launched.every(({ spare }) => spare)).toBe(true);
});

test('a shell that was ended meanwhile: the script is started by itself', async () => {
  const { residents, launched, channels } = shells();
  await run(residents, ':');
  channels[0]?.stdin.end();
  await channels[0]?.ended;
  expect((await run(residents, 'echo fine')).stdout.toString()).toBe('fine\n');
  expect((await run(residents, 'kill -9 $$; echo fine')).stdout.toString()).toBe('');
  expect(launched.map(({ spare }) => spare === true)).toEqual([true, true, false]);
});

test('two at once, others wait; after they are retired all is started by itself', async () => {
  const { residents, launched, channels } = shells();
  const all = await Promise.all(['1', '2', '3', '4', '5'].map((word) => run(residents, 'echo "$1"', [word])));
  expect(all.map(({ stdout }) => stdout.toString())).toEqual(['1\n', '2\n', '3\n', '4\n', '5\n']);
  expect(launched).toHaveLength(2);
  const working = run(residents, 'sleep 0.1; echo worked');
  residents.retire();
  expect((await working).stdout.toString()).toBe('worked\n');
  await Promise.all(channels.map(({ ended }) => ended));
  await run(residents, ':');
  expect(launched.map(({ spare }) => spare === true)).toEqual([true, true, false]);
});

test('where no shell may stay, scripts are started by themselves', async () => {
  const launched: ShellCommand[] = [];
  const ended: Promise<ChannelEnd> = Promise.resolve({ code: 0, stderr: '' });
  const residents = new ResidentShells(
    {
      launch(command) {
        launched.push(command);
        if (command.spare) return Promise.reject(new Error('no session to spare'));
        const child = spawn('true');
        return Promise.resolve({ stdin: child.stdin, stdout: child.stdout, ended, dispose: () => undefined });
      },
    },
    false,
  );
  for (let index = 0; index < 2; index++) expect((await run(residents, ':')).code).toBe(0);
  await collect(residents, { script: ':', plain: true }, { maxBytes: 10 });
  expect(launched.map(({ spare }) => spare === true)).toEqual([true, false, false, false]);
});

test('arguments are words, whatever is in them', () => {
  expect(residentText({ script: 'x', args: ["a'b", ''] }, 'n')).toContain(`e=$(s 'a'\\''b' '' 2>&1`);
});

test('a shell that was still starting when all were retired runs its one script and ends', async () => {
  const launcher = new ShellLauncher(new LocalStarter());
  let go = (): void => undefined;
  const started = new Promise<void>((resolve) => (go = resolve));
  const channels: Channel[] = [];
  const slow: Launcher = {
    async launch(command, signal) {
      await started;
      const channel = await launcher.launch(command, signal);
      channels.push(channel);
      return channel;
    },
  };
  const residents = new ResidentShells(slow, true);
  owned.push(residents);
  const answer = run(residents, 'echo done');
  residents.retire();
  go();
  expect((await answer).stdout.toString()).toBe('done\n');
  expect(channels).toHaveLength(1);
  await channels[0]?.ended;
});
