import { describe, expect, it } from 'vitest';
import { joining, type Join } from '../../../src/model/join.js';
import { runNow } from '../../../src/model/steps.js';
import { recordedRuntimes, recording, type Recording } from './recorded.js';

/** Joins by cgroups, then with the pids of the verbose status for those left over, as a connection does. */
function joined({ entries, table, targets }: Recording): { first: Join; join: Join } {
  const first = runNow(joining({ table, targets }));
  const told = entries.filter(({ id, pid }) => first.unplaced.includes(id) && pid > 0);
  const knownPids = new Map(told.map(({ id, pid }) => [id, pid]));
  return { first, join: runNow(joining({ table, targets, knownPids, previous: first })) };
}

function golden(recorded: Recording, { placements }: Join): string {
  return recorded.targets
    .map(({ id, role }) => {
      const { ancestry, by } = placements.get(id)!;
      const links = ancestry.links.map(
        (link) => `  ${link.role} ${link.pid} <- ${link.ppid}: ${JSON.stringify(link.command)}`,
      );
      const low = ancestry.lowLevel;
      return [
        `${role} ${id}${by ? ` by ${by}` : ''}`,
        ...links,
        ...(low
          ? [`  ${low.name}: ${low.source}`, `    bundle ${low.bundle}`, `    state ${low.statePath}`]
          : []),
        ...(ancestry.reason === undefined ? [] : [`  ${ancestry.reason}`]),
      ].join('\n');
    })
    .join('\n\n')
    .concat('\n');
}

describe.each(recordedRuntimes)('%s', (runtime) => {
  const recorded = recording(runtime);
  const { first, join } = joined(recorded);

  it('descends as recorded', async () => {
    await expect(golden(recorded, join)).toMatchFileSnapshot(
      `../../fixtures/recorded/${runtime}/ancestry.golden.txt`,
    );
  });

  it('agrees with the pids that the runtime told', () => {
    for (const { id, pid, pidByCgroup, state } of recorded.entries) {
      const running = state === 'SANDBOX_READY' || state === 'CONTAINER_RUNNING';
      expect(join.placements.get(id)?.pid, id).toBe(running ? (pidByCgroup ?? pid) : undefined);
    }
  });

  it('names bundles that hold the config.json', () => {
    for (const { id, configJson, chain } of recorded.entries) {
      const bundle = join.placements.get(id)?.ancestry.lowLevel?.bundle;
      if (bundle === undefined) expect(join.placements.get(id)?.ancestry.links, chain[0]?.comm).toEqual([]);
      else expect(configJson).toContain(`${bundle}/config.json`);
    }
  });

  it('places all that run, by their cgroups where those name them', () => {
    const unnamed = recorded.entries.filter(
      ({ id, state, cgroup }) => /READY|RUNNING/.exec(state) && !cgroup?.some((line) => line.includes(id)),
    );
    expect([...first.unplaced].sort()).toEqual(unnamed.map(({ id }) => id).sort());
    expect(join.unplaced).toEqual([]);
  });
});
