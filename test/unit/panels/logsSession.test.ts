import { afterEach, expect, test } from 'vitest';
import { LogSession } from '../../../src/panels/logsSession.js';
import type { RuntimeConnection } from '../../../src/runtime/connection.js';
import { FakeLogNode } from '../runtime/fakeLogNode.js';

const path = '/var/log/pods/p/main/0.log';

class World {
  readonly fake = new FakeLogNode();
  readonly connection = this.connectionOf(this.fake);
  readonly session = new LogSession({
    connection: () => Promise.resolve(this.connection),
    containerId: 'c1',
    tail: () => 10,
    onWaiting: () => undefined,
  });

  constructor() {
    this.fake.create(path, '2026-11-24T04:15:29.421Z stdout F hello\n');
  }

  connectionOf(fake: FakeLogNode): RuntimeConnection {
    return {
      node: fake.node,
      containerDetails: () => Promise.resolve({ logPath: path }),
    } as unknown as RuntimeConnection;
  }
}

let world = new World();
afterEach(() => {
  world.session.dispose();
  world = new World();
});

test('while its node stays, a log goes on', async () => {
  await world.session.open(new AbortController().signal);
  world.session.check(world.connection);
  world.fake.append(path, '2026-11-24T04:15:30.421Z stdout F more\n');
  world.fake.pump();
  const news = await world.session.next(new AbortController().signal);
  expect(news).toMatchObject({ type: 'batch', items: [{ text: 'more' }] });
});

test.each([
  ['was removed', () => undefined],
  ['was changed', () => world.connectionOf(new FakeLogNode())],
])(
  'when its node %s, the view is told to open the log anew, and nothing follows the old one',
  async (_, present) => {
    await world.session.open(new AbortController().signal);
    const news = world.session.next(new AbortController().signal);
    world.session.check(present());
    await expect(news).resolves.toEqual({ type: 'tooMany' });
    expect(world.fake.followers).toBe(0);
  },
);
