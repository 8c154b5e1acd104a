import { parseMountinfo } from '../../../../src/model/mountinfo.js';
import type { Reality } from '../../../../src/model/oci/insight.js';
import { parseJson, type JsonNode } from '../../../../src/model/oci/json.js';
import type { KernelView } from '../../../../src/model/oci/reality/fact.js';

/** What a test says of a node; everything else is missing. */
export interface FakeKernel {
  readonly files?: Readonly<Record<string, string>>;
  readonly identities?: Readonly<Record<string, string>>;
  readonly readerMounts?: string;
  readonly runtimeMounts?: string;
  readonly pid?: number;
  readonly firstPid?: number;
  readonly sandboxPid?: number;
  readonly monitorPid?: number;
}

export function fakeKernel(fake: FakeKernel): KernelView {
  const { files = {}, identities = {}, pid = 100, firstPid = pid } = fake;
  return {
    pid,
    firstPid,
    first: pid === firstPid,
    readerMounts: parseMountinfo(fake.readerMounts ?? ''),
    runtimeMounts: parseMountinfo(fake.runtimeMounts ?? ''),
    read: (path) =>
      path in files ? { text: files[path] ?? '' } : { reason: `Cannot read ${path}: there is no such file.` },
    identity: (path) => identities[path],
    ...(fake.sandboxPid === undefined ? {} : { sandboxPid: fake.sandboxPid }),
    ...(fake.monitorPid === undefined ? {} : { monitorPid: fake.monitorPid }),
  };
}

export const specOf = (value: unknown): JsonNode => parseJson(JSON.stringify(value));

/** A fact as one line: `drift user ID: 0 | 1000`. */
export function lineOf({ verdict, name, spec, kernel }: Reality): string {
  return `${verdict} ${name}: ${spec} | ${kernel ?? ''}`;
}

/** /proc/PID/status with the given lines. */
export function statusText(fields: Readonly<Record<string, string>>): string {
  return `Name:\ttest\n${Object.entries(fields)
    .map(([name, value]) => `${name}:\t${value}\n`)
    .join('')}`;
}
