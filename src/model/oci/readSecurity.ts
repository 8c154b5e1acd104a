import { runNow } from '../steps.js';
import { isScalar, type Cursor } from './cursor.js';
import type { JsonNode } from './json.js';
import { envRows } from './readProcess.js';
import type { SpecRow } from './spec.js';
import { plural } from './units.js';

/** `linux.seccomp` (runtime-spec config-linux.md, "Seccomp"). Without it no system call is filtered. */
export function seccompRows(linux: Cursor): SpecRow[] {
  const seccomp = linux.object('seccomp');
  if (!seccomp) {
    return [
      { path: linux.at('seccomp'), name: 'Profile', value: 'none', note: 'no system call is filtered' },
    ];
  }
  return [
    ...seccomp.field('defaultAction', 'Default action', 'string', actionText),
    ...seccomp.field('defaultErrnoRet', 'Default error number', 'number'),
    ...seccomp.listField('architectures', 'Architectures'),
    ...seccomp.listField('flags', 'Flags'),
    ...seccomp.field('listenerPath', 'Listener', 'string'),
    ...seccomp.field('listenerMetadata', 'Listener metadata', 'string'),
    ...ruleRows(seccomp),
    ...seccomp.rest(),
  ];
}

/** `hooks` by stage, in the order in which they run (runtime-spec config.md, "POSIX-platform Hooks"). */
export function hookRows(spec: Cursor): SpecRow[] {
  const hooks = spec.object('hooks');
  if (!hooks) return [];
  const stages = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];
  return [
    ...stages.flatMap((stage) => {
      const items = hooks.array(stage);
      return items.flatMap((item, index) => hookRow(hooks, stage, item, index));
    }),
    ...hooks.rest(),
  ];
}

/** `linux.maskedPaths` and `linux.readonlyPaths`. */
export function pathRows(linux: Cursor): SpecRow[] {
  const rows = (key: string, note: string): SpecRow[] =>
    linux.array(key).map((item, index) => {
      const row = linux.reading.row([...linux.at(key), index], '', item);
      return { ...row, name: isScalar(item) ? item.text : String(index), value: note };
    });
  return [...rows('maskedPaths', 'masked'), ...rows('readonlyPaths', 'read-only')];
}

function ruleRows(seccomp: Cursor): SpecRow[] {
  const items = seccomp.array('syscalls');
  if (items.length === 0) return [];
  const path = seccomp.at('syscalls');
  const children = items.flatMap((item, index): SpecRow[] => {
    const rule = seccomp.reading.object([...path, index], item);
    return rule ? [ruleRow(rule)] : [];
  });
  const calls = new Set(children.flatMap((row) => row.value.split(', ').filter(Boolean)));
  const note = plural(calls.size, 'system call', 'system calls');
  return [{ path, name: 'Rules', value: plural(items.length, 'rule', 'rules'), note, children }];
}

function ruleRow(rule: Cursor): SpecRow {
  const names = rule.take('names');
  const listed = rule.reading.array(rule.at('names'), names);
  const value = listed.map((item) => (isScalar(item) ? item.text : '?')).join(', ');
  const action = rule.peek('action') ?? '(no action)';
  rule.take('action');
  const children = rule.rest().filter((row) => row.value !== '[0]');
  return {
    path: rule.path,
    name: action,
    value,
    ...(children.length > 0 ? { note: 'under conditions', children } : {}),
  };
}

/** seccomp(2), "Filters". */
function actionText(action: string): string | undefined {
  switch (action) {
    case 'SCMP_ACT_ALLOW':
      return 'what no rule names is allowed';
    case 'SCMP_ACT_ERRNO':
      return 'what no rule names fails with an error';
    case 'SCMP_ACT_KILL':
    case 'SCMP_ACT_KILL_THREAD':
      return 'what no rule names kills the thread';
    case 'SCMP_ACT_KILL_PROCESS':
      return 'what no rule names kills the process';
    case 'SCMP_ACT_LOG':
      return 'what no rule names is allowed and logged';
    case 'SCMP_ACT_TRAP':
      return 'what no rule names raises SIGSYS';
    default:
      return undefined;
  }
}

function hookRow(hooks: Cursor, stage: string, item: JsonNode, index: number): SpecRow[] {
  const path = [...hooks.at(stage), index];
  const hook = hooks.reading.object(path, item);
  if (!hook) return [];
  const children = [
    ...hook.field('path', 'Path', 'string'),
    ...hook.array('args').map((arg, at) => hook.reading.row([...hook.at('args'), at], `Argument ${at}`, arg)),
    ...runNow(envRows(hook.reading, hook.at('env'), hook.array('env'))),
    ...hook.field('timeout', 'Timeout', 'number', (text) => `${text} s`),
    ...hook.rest(),
  ];
  return [{ path, name: stage, value: hook.peek('path') ?? '(no path)', children }];
}
