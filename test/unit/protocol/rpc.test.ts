import { afterEach, describe, expect, test, vi } from 'vitest';
import { connect, notice, request, serve, type HostHandlers, type Port } from '../../../src/protocol/rpc.js';

const _api = {
  requests: { add: request<{ a: number; b: number }, number>(), wait: request<object, string>() },
  notices: { said: notice<{ text: string }>() },
} as const;
type Api = typeof _api;

/** Two ports joined as a webview's and its host's are: messages are copied and arrive later. */
function pair(): { host: Port; view: Port } {
  const end = (): { listeners: Set<(message: unknown) => void> } => ({ listeners: new Set() });
  const [host, view] = [end(), end()];
  const port = (own: typeof host, other: typeof host): Port => ({
    post(message) {
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => [...other.listeners].forEach((listener) => listener(copy)));
    },
    listen(listener) {
      own.listeners.add(listener);
      return () => own.listeners.delete(listener);
    },
  });
  return { host: port(host, view), view: port(view, host) };
}

const handlers: HostHandlers<Api> = {
  add: ({ a, b }) => a + b,
  wait: (_params, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    }),
};

function start(overrides: Partial<HostHandlers<Api>> = {}, timeoutMs?: number) {
  const ports = pair();
  const errors: string[] = [];
  const said: string[] = [];
  const host = serve<Api>(ports.host, { ...handlers, ...overrides }, (method, error) =>
    errors.push(`${method}: ${(error as Error).message}`),
  );
  const view = connect<Api>(ports.view, { said: ({ text }) => said.push(text) }, timeoutMs);
  return { host, view, errors, said, ports };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a request', () => {
  test('is answered', async () => {
    const { view } = start();
    await expect(view.ask('add', { a: 2, b: 3 })).resolves.toBe(5);
  });

  test('whose handler throws is rejected with its message, and the host is told', async () => {
    const { view, errors } = start({
      add: () => {
        throw new Error('no numbers today');
      },
    });
    await expect(view.ask('add', { a: 1, b: 1 })).rejects.toThrow('no numbers today');
    expect(errors).toEqual(['add: no numbers today']);
  });

  test('that nobody knows is rejected, inherited names too', async () => {
    const { view } = start();
    await expect(view.ask('subtract' as 'add', { a: 1, b: 1 })).rejects.toThrow('unknown request subtract');
    await expect(view.ask('toString' as 'add', { a: 1, b: 1 })).rejects.toThrow('unknown request toString');
  });

  test('can be cancelled; the handler’s signal aborts', async () => {
    let seen: AbortSignal | undefined;
    const { view, errors } = start({
      wait: (_params, signal) => {
        seen = signal;
        return handlers.wait({}, signal);
      },
    });
    const abort = new AbortController();
    const answer = view.ask('wait', {}, abort.signal);
    await vi.waitUntil(() => seen !== undefined);
    abort.abort();
    await expect(answer).rejects.toThrow('cancelled');
    await vi.waitUntil(() => seen?.aborted);
    expect(errors).toEqual([]);
  });

  test('with a signal that aborted before never reaches the host', async () => {
    const add = vi.fn(() => 0);
    const { view } = start({ add });
    await expect(view.ask('add', { a: 1, b: 1 }, AbortSignal.abort())).rejects.toThrow('cancelled');
    expect(add).not.toHaveBeenCalled();
  });

  test('that nobody answers fails after the time-out', async () => {
    vi.useFakeTimers();
    const { view } = start({ wait: () => new Promise(() => undefined) }, 5000);
    const answer = view.ask('wait', {});
    const failed = expect(answer).rejects.toThrow('no answer to wait within 5 s');
    await vi.advanceTimersByTimeAsync(5000);
    await failed;
  });

  test('under way when the view ends is rejected', async () => {
    const { view } = start();
    const answer = view.ask('wait', {});
    view.dispose();
    await expect(answer).rejects.toThrow('the panel was closed');
  });

  test('under way when the host ends is aborted', async () => {
    let seen: AbortSignal | undefined;
    const { view, host } = start({
      wait: (_params, signal) => ((seen = signal), handlers.wait({}, signal)),
    });
    view.ask('wait', {}).catch(() => undefined);
    await vi.waitUntil(() => seen !== undefined);
    host.dispose();
    expect(seen?.aborted).toBe(true);
    view.dispose();
  });
});

describe('a page made anew', () => {
  test('does not get answers to its predecessor’s requests', async () => {
    const finish: ((text: string) => void)[] = [];
    const { ports } = start({ wait: () => new Promise((resolve) => finish.push(resolve)) });
    const old = connect<Api>(ports.view, { said: () => undefined });
    old.ask('wait', {}).catch(() => undefined);
    await vi.waitUntil(() => finish.length === 1);
    old.dispose();
    // Its first request has the same number as the old page's.
    const fresh = connect<Api>(ports.view, { said: () => undefined });
    const answer = fresh.ask('wait', {});
    await vi.waitUntil(() => finish.length === 2);
    finish[0]?.('old');
    finish[1]?.('new');
    await expect(answer).resolves.toBe('new');
  });
});

describe('a notice', () => {
  test('is kept until the view is ready, in order', async () => {
    const ports = pair();
    const said: string[] = [];
    const host = serve<Api>(ports.host, handlers, () => undefined);
    host.notify('said', { text: 'one' });
    host.notify('said', { text: 'two' });
    connect<Api>(ports.view, { said: ({ text }) => said.push(text) });
    await vi.waitUntil(() => said.length === 2);
    host.notify('said', { text: 'three' });
    await vi.waitUntil(() => said.length === 3);
    expect(said).toEqual(['one', 'two', 'three']);
  });
});

test('messages that are none of ours are let pass', async () => {
  const { view, ports } = start();
  for (const odd of [null, undefined, 'x', 5, {}, { type: 'odd' }, { type: 'result', id: 99 }]) {
    ports.host.post(odd);
    ports.view.post(odd);
  }
  await expect(view.ask('add', { a: 1, b: 1 })).resolves.toBe(2);
});
