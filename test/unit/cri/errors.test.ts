import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { CriError, explain, socketError, type FailedCall } from '../../../src/cri/errors.js';

const call: FailedCall = {
  socketPath: '/run/x.sock',
  method: 'ContainerStatus',
  timeoutMs: 5000,
  timedOut: false,
};
const failure = (code: status, details: string): Error =>
  Object.assign(new Error(details), { code, details });

describe('explain', () => {
  it.each([
    ['containerd', status.NOT_FOUND, 'an error occurred when try to find container "x": not found'],
    ['CRI-O', status.UNKNOWN, 'could not find container "x": container with ID starting with x not found'],
    ['cri-dockerd', status.UNKNOWN, 'Error response from daemon: No such container: x'],
  ])('knows how %s says that there is no such id', async (_runtime, code, details) => {
    expect(await explain(call, failure(code, details))).toMatchObject({ kind: 'notFound', code });
  });

  it.each([
    [status.UNKNOWN, 'failed to start: exec format error', 'failed'],
    [status.UNIMPLEMENTED, 'unknown method', 'unimplemented'],
    [status.DEADLINE_EXCEEDED, 'the command ran too long', 'failed'],
    [status.RESOURCE_EXHAUSTED, 'Received message larger than max', 'failed'],
  ])('sorts code %i, %s', async (code, details, kind) => {
    expect(await explain(call, failure(code, details))).toMatchObject({ kind, code });
  });

  it('says that a call is hung when its whole time went by', async () => {
    const error = await explain({ ...call, timedOut: true }, failure(status.DEADLINE_EXCEEDED, ''));
    expect(error).toMatchObject({ kind: 'hung', message: expect.stringContaining('5 s') as string });
  });

  it('shortens what the runtime says, and takes Go’s wrapping off', async () => {
    const details = `rpc error: code = Unknown desc = ${'x'.repeat(5000)}`;
    const { message } = await explain(call, failure(status.UNKNOWN, details));
    expect(message.length).toBeLessThan(2200);
    expect(message).not.toContain('rpc error');
  });

  it('passes its own errors on', async () => {
    const error = new CriError('notCri', 'x');
    expect(await explain(call, error)).toBe(error);
  });

  it('never proposes to open a socket to everyone', () => {
    for (const fault of ['missing', 'denied', 'refused'] as const) {
      expect(socketError(fault, '/run/x.sock').message).not.toMatch(/chmod|chown|setfacl|usermod|group/);
    }
    expect(socketError('denied', '/run/x.sock').message).toMatch(/sudo/);
  });
});
