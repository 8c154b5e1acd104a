import { joining, type Join } from '../../src/model/join.js';
import { runInTurns } from '../../src/model/steps.js';
import { breathe } from '../../src/util/async.js';
import { doctorOn } from './doctor.js';
import { cpuTimes, longestStall, median } from './measure.js';
import { crowdedNode } from './processes.js';
import { result, type Result } from './report.js';

const count = 20_000;

/** What is computed from the process table of a crowded node, as CPU time: no tool does the same, so there is no peer. */
export async function chainGroup(emit: (result: Result) => void): Promise<void> {
  const crowd = crowdedNode(count);
  const join = (previous?: Join): Promise<Join> =>
    runInTurns(joining({ ...crowd, ...(previous ? { previous } : {}) }), breathe);
  const emitOne = (name: string, ours: number, aim: string): void =>
    emit(result('chain', { name: `${name}, ${count} processes`, ours, unit: 'ms', aim }));
  emitOne('ancestry, CPU', median(await cpuTimes(15, () => join(), 5)), '<= 100');
  const previous = await join();
  emitOne('ancestry again, CPU', median(await cpuTimes(15, () => join(previous), 5)), '<= 100');
  emitOne('ancestry, longest step', await longestStall(() => join()), '<= 50');
  const doctor = doctorOn(crowd);
  emitOne('doctor, one look, CPU', median(await cpuTimes(10, doctor, 3)), '<= 500');
  emitOne('doctor, longest step', await longestStall(doctor), '<= 50');
}
