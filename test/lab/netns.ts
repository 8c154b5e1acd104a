import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = (...args: string[]): Promise<unknown> => run('/usr/sbin/ip', args);
const prefix = 'cxtns';

/** A network namespace with an address of its own, which this machine reaches over a veth pair: another host by address. */
export interface Netns {
  readonly name: string;
  readonly address: string;
  /** What to put before a command line to run it inside. */
  readonly enter: readonly string[];
  remove(): Promise<void>;
}

/**
 * Makes one; what a test run left that was killed goes first. Addresses are of RFC 2544's range for tests of networks, which
 * no other network has.
 * @param index 0 to 62, each used once at a time by one process
 */
export async function makeNetns(index: number): Promise<Netns> {
  await cleanAbandoned();
  const name = `${prefix}${process.pid}-${index}`;
  // An interface's name has room for 15 characters; it vanishes with the namespace of its other end.
  const outside = `cxt${process.pid}-${index}`;
  const network = `198.18.${process.pid % 256}`;
  const [here, there] = [`${network}.${index * 4 + 1}`, `${network}.${index * 4 + 2}`];
  const remove = async (): Promise<void> => {
    await ip('netns', 'del', name);
  };
  await ip('netns', 'add', name);
  try {
    await ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    await ip('addr', 'add', `${here}/30`, 'dev', outside);
    await ip('link', 'set', outside, 'up');
    await ip('-n', name, 'addr', 'add', `${there}/30`, 'dev', 'eth0');
    await ip('-n', name, 'link', 'set', 'eth0', 'up');
    await ip('-n', name, 'link', 'set', 'lo', 'up');
  } catch (error) {
    await remove();
    throw error;
  }
  return { name, address: there, enter: ['/usr/sbin/ip', 'netns', 'exec', name], remove };
}

async function cleanAbandoned(): Promise<void> {
  const { stdout } = await run('/usr/sbin/ip', ['netns', 'list']);
  for (const [name, pid] of stdout.matchAll(new RegExp(`^${prefix}(\\d+)-\\d+`, 'gm'))) {
    if (!existsSync(`/proc/${pid}`)) await ip('netns', 'del', name);
  }
}
