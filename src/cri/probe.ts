import { connect } from 'node:net';

export type SocketFault = 'missing' | 'denied' | 'refused';

export interface Probe {
  readonly fault?: SocketFault;
  /** The system's error where it is none of the faults. Both absent: something accepted the connection. */
  readonly reason?: string;
}

const faults: Readonly<Record<string, SocketFault>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EACCES: 'denied',
  EPERM: 'denied',
  ECONNREFUSED: 'refused',
};

/** Opens and closes a connection, to learn why one can't be had (connect(2)). Takes a second at most; never rejects. */
export function probeSocket(path: string, timeoutMs = 1000): Promise<Probe> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const end = (probe: Probe): void => {
      socket.destroy();
      resolve(probe);
    };
    socket.setTimeout(timeoutMs, () => end({ reason: 'no connection within a second' }));
    socket.once('connect', () => end({}));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const fault = faults[error.code ?? ''];
      end(fault ? { fault } : { reason: error.message });
    });
  });
}
