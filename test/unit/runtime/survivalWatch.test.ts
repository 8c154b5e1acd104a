import { beforeEach, describe, expect, test } from 'vitest';
import type { ProcessTable } from '../../../src/model/process.js';
import { survivors, type Daemon } from '../../../src/model/survival.js';
import { SurvivalWatch } from '../../../src/runtime/survivalWatch.js';
import { container, sandbox, snapshot } from '../views/picture.js';
import { processRecord } from './fakeNode.js';

const picture = {
  snapshot: snapshot({ sandboxes: [sandbox({ containers: [container()] })] }),
  processes: new Map([['c1', { pid: 30, startTicks: 1100 }]]),
};
const exited = {
  snapshot: snapshot({ sandboxes: [sandbox({ containers: [container({ state: 'exited' })] })] }),
  processes: new Map<string, never>(),
};
const old: Daemon = { pid: 5, startTicks: 500, startedAt: 0 };
const young: Daemon = { pid: 6, startTicks: 9000, startedAt: 1 };

/** A node with the container's process and these daemons. */
const table = (daemons: readonly Daemon[], lives = true): ProcessTable => ({
  takenAt: 0,
  processes: new Map(
    [...daemons, ...(lives ? [{ pid: 30, startTicks: 1100 }] : [])].map(({ pid, startTicks }) => [
      pid,
      processRecord({ pid, startTicks }),
    ]),
  ),
});

let now: number;
let serving: Daemon | undefined;
let looks: number;
let watch: SurvivalWatch;

beforeEach(() => {
  now = 1000;
  serving = old;
  looks = 0;
  watch = new SurvivalWatch({
    now: () => now,
    findDaemon: () => {
      looks++;
      return Promise.resolve(serving);
    },
  });
});

describe('a daemon that can be seen', () => {
  test('refused, then another process: compared, with the times', async () => {
    await watch.answered(picture, table([old]));
    now = 2000;
    watch.failed(true);
    now = 9000;
    watch.failed(true);
    serving = young;
    await watch.answered(picture, table([young]));
    expect(watch.survival).toMatchObject({
      ...{ runtimeName: 'containerd', lastSeenAt: 1000, lostAt: 2000, backAt: 9000 },
      ...{ oldDaemon: old, newDaemon: young, dismissed: false },
    });
    expect(survivors(watch.survival!)).toEqual({ survived: 1, total: 1 });
  });

  test('restarted between two looks: compared, without knowing since when it was away', async () => {
    await watch.answered(picture, table([old]));
    serving = young;
    await watch.answered(picture, table([young]));
    expect(watch.survival).toMatchObject({ oldDaemon: old, newDaemon: young });
    expect(watch.survival).not.toHaveProperty('lostAt');
  });

  test('hung, or cut off by the link, but the same process: no restart', async () => {
    await watch.answered(picture, table([old]));
    watch.failed(false);
    await watch.answered(picture, table([old]));
    watch.cut();
    await watch.answered(picture, table([old], false));
    expect(watch.survival).toBeUndefined();
  });

  test('another process after a cut link: compared', async () => {
    await watch.answered(picture, table([old]));
    watch.cut();
    serving = young;
    await watch.answered(picture, table([young], false));
    expect(watch.survival?.entries).toMatchObject([{ fate: 'died' }]);
    expect(watch.survival).not.toHaveProperty('lostAt');
  });

  test('is looked for once, not at each refresh', async () => {
    for (let count = 0; count < 3; count++) await watch.answered(picture, table([old]));
    expect(looks).toBe(1);
  });
});

describe('a daemon that can’t be seen', () => {
  beforeEach(() => (serving = undefined));

  test('nobody listened for a while: compared', async () => {
    await watch.answered(picture, table([]));
    watch.failed(true);
    await watch.answered(picture, table([]));
    expect(survivors(watch.survival!)).toEqual({ survived: 1, total: 1 });
  });

  test('it hung, or the link was cut meanwhile: not', async () => {
    await watch.answered(picture, table([]));
    watch.failed(false);
    await watch.answered(picture, table([]));
    watch.failed(true);
    watch.cut();
    await watch.answered(picture, table([]));
    expect(watch.survival).toBeUndefined();
    expect(looks).toBe(3);
  });

  test('the way to see it fails: as if it can’t be seen', async () => {
    const broken = new SurvivalWatch({ findDaemon: () => Promise.reject(new Error('no right')) });
    await broken.answered(picture, table([]));
    await broken.answered(picture, table([]));
    expect(broken.survival).toBeUndefined();
  });
});

test('tells when a process was first seen gone while the runtime was away', async () => {
  await watch.answered(picture, table([old]));
  watch.failed(true);
  watch.away(table([]));
  now = 2000;
  watch.away(table([], false));
  now = 3000;
  watch.away(table([], false));
  serving = young;
  await watch.answered(exited, table([young], false));
  expect(watch.survival?.entries).toMatchObject([{ fate: 'died', goneAt: 2000 }]);
});

test('the next loss takes it away; a person can dismiss it', async () => {
  await watch.answered(picture, table([old]));
  serving = young;
  await watch.answered(picture, table([young]));
  watch.dismiss();
  expect(watch.survival?.dismissed).toBe(true);
  watch.failed(true);
  expect(watch.survival).toBeUndefined();
});

test('what the kubelet makes anew soon after counts as replaced, what it makes later does not', async () => {
  const anew = (id: string) => ({
    snapshot: snapshot({ sandboxes: [sandbox({ containers: [container({ id, attempt: 1 })] })] }),
    processes: new Map([[id, { pid: 6, startTicks: 9000 }]]),
  });
  for (const [after, fate] of [
    [20_000, 'replaced'],
    [120_000, 'died'],
  ] as const) {
    await watch.answered(picture, table([old]));
    serving = young;
    await watch.answered(exited, table([young], false));
    expect(watch.survival?.entries).toMatchObject([{ fate: 'died' }]);
    now += after;
    if (after > 60_000) await watch.answered(exited, table([young], false));
    await watch.answered(anew('c2'), table([young], false));
    expect(watch.survival?.entries).toMatchObject([{ fate }]);
    watch.failed(true);
    serving = old;
  }
});
