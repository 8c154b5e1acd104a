import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** An ordinary account of this machine. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** A folder of the session's own unless given. */
  readonly home?: string;
}

/** One that was made for a test. */
export interface TestUser extends Account {
  /** After everything that runs as them has ended. */
  remove(): Promise<void>;
}

/** Needs root. */
export async function createTestUser(): Promise<TestUser> {
  const name = `criexplorer${process.pid}`;
  await run('/usr/sbin/useradd', ['--no-create-home', '--user-group', '--shell', '/bin/sh', name]);
  const id = async (flag: string): Promise<number> => Number((await run('id', [flag, name])).stdout);
  return {
    name,
    uid: await id('-u'),
    gid: await id('-g'),
    remove: async () => {
      await run('/usr/sbin/userdel', ['--force', name]);
    },
  };
}
