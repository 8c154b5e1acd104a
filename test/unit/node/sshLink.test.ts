import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Answers } from '../../../src/node/ssh/answers.js';
import type { AskpassServer } from '../../../src/node/ssh/askpassServer.js';
import type { LoginFailure } from '../../../src/node/ssh/failure.js';
import { SshLink, type Connection } from '../../../src/node/ssh/link.js';
import { silentLogger } from '../../../src/util/logger.js';

/** A connection that is there at once. */
class FakeConnection implements Connection {
  readonly ended: Promise<LoginFailure>;
  end: (failure: LoginFailure) => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  opened(): Promise<void> {
    return Promise.resolve();
  }

  dispose(): void {
    this.end({ type: 'lost', reason: 'the connection was given up' });
  }
}

let link: SshLink<FakeConnection>;
let connections: FakeConnection[];
let isDead: boolean;
let probes: number;
let refusals: number;
let states: string[];

beforeEach(() => {
  vi.useFakeTimers();
  connections = [];
  isDead = false;
  probes = refusals = 0;
  states = [];
  const askpass = { environment: {}, dispose: () => undefined } as unknown as AskpassServer;
  link = new SshLink({
    label: 'host',
    answers: new Answers(() => Promise.reject(new Error('nobody is asked'))),
    logger: silentLogger,
    listen: () => Promise.resolve(askpass),
    login: () => {
      const connection = new FakeConnection();
      if (refusals-- > 0) {
        connection.opened = () => new Promise(() => undefined);
        connection.end({ type: 'lost', reason: 'no route to host' });
      }
      connections.push(connection);
      return connection;
    },
    restore: () => Promise.resolve(),
    probe: () => {
      probes++;
      return isDead ? Promise.reject(new Error('no answer')) : Promise.resolve();
    },
    random: () => 1,
  });
  link.onDidChangeState(({ name }) => states.push(name));
});

afterEach(() => {
  link.dispose();
  vi.useRealTimers();
});

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** The clock goes on, timers don't. */
async function sleep(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await pass(5_000);
}

test('awake, nothing is probed', async () => {
  await link.ready();
  await pass(600_000);
  expect([probes, connections.length]).toEqual([0, 1]);
});

test('after a sleep a connection that still answers is kept', async () => {
  await link.ready();
  await sleep(60_000);
  expect([probes, connections.length, link.state.name]).toEqual([1, 1, 'ready']);
});

test('after a sleep a dead connection is found out at once, and made anew without a click', async () => {
  await link.ready();
  isDead = true;
  await sleep(3_600_000);
  expect(link.state.name).toBe('lost');
  await pass(1_000);
  expect(states).toEqual(['connecting', 'ready', 'lost', 'connecting', 'ready']);
  expect(connections).toHaveLength(2);
  expect(await link.ready()).toBe(connections[1]);
  await pass(60_000);
  expect([probes, connections.length]).toEqual([1, 2]);
});

test('a wait from before the sleep is not waited out', async () => {
  await link.ready();
  refusals = 6;
  connections[0]?.end({ type: 'lost', reason: 'the network went away' });
  await pass(40_000);
  const before = connections.length;
  expect(link.state).toMatchObject({ name: 'lost', reason: 'no route to host' });
  refusals = 0;
  await sleep(20_000);
  expect([connections.length, link.state.name]).toEqual([before + 1, 'ready']);
});

test('asleep after a disconnect it stays disconnected', async () => {
  await link.ready();
  link.disconnect();
  await sleep(3_600_000);
  expect([probes, connections.length, link.state.name]).toEqual([0, 1, 'idle']);
});
