/**
 * The wire between the extension host and a webview. A panel declares one {@link Api} constant; the mapped types
 * below make a missing or misspelt handler a compile error on either side. Every request is answered: with a
 * result, with an error, or, when the other side says nothing, with a time-out.
 */

declare const shape: unique symbol;

/** A question of the view that the host answers. */
export interface Request<P, R> {
  readonly [shape]?: { readonly params: P; readonly result: R };
}

/** Something the host tells the view; no answer. */
export interface Notice<P> {
  readonly [shape]?: { readonly params: P };
}

export const request = <P, R>(): Request<P, R> => ({});
export const notice = <P>(): Notice<P> => ({});

/** All that passes between a panel's host and view. */
export interface Api {
  readonly requests: Readonly<Record<string, object>>;
  readonly notices: Readonly<Record<string, object>>;
}

export type Requests<A extends Api> = keyof A['requests'] & string;
export type Notices<A extends Api> = keyof A['notices'] & string;
export type ParamsOf<T> = T extends { readonly [shape]?: { readonly params: infer P } } ? P : never;
export type ResultOf<T> = T extends { readonly [shape]?: { readonly result: infer R } } ? R : never;

export type HostHandlers<A extends Api> = {
  readonly [M in Requests<A>]: (
    params: ParamsOf<A['requests'][M]>,
    signal: AbortSignal,
  ) => Promise<ResultOf<A['requests'][M]>> | ResultOf<A['requests'][M]>;
};

export type ViewHandlers<A extends Api> = {
  readonly [M in Notices<A>]: (params: ParamsOf<A['notices'][M]>) => void;
};

/** One end of the channel. `postMessage` of a webview, a test's pair, … */
export interface Port {
  post(message: unknown): void;
  /** Subscribes; the returned function ends it. */
  listen(listener: (message: unknown) => void): () => void;
}

type ToHost =
  | { readonly type: 'ready' }
  | { readonly type: 'request'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly type: 'cancel'; readonly id: number };

type ToView =
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly message: string }
  | { readonly type: 'notice'; readonly method: string; readonly params: unknown };

export interface RpcHost<A extends Api> {
  /** Tells the view; kept until the view said that it is ready. */
  notify<M extends Notices<A>>(method: M, params: ParamsOf<A['notices'][M]>): void;
  dispose(): void;
}

/**
 * Serves a view's requests.
 * @param onError told of each handler that threw, besides the view
 */
export function serve<A extends Api>(
  port: Port,
  handlers: HostHandlers<A>,
  onError: (method: string, error: unknown) => void,
): RpcHost<A> {
  const running = new Map<number, AbortController>();
  let waiting: ToView[] | undefined = [];
  const post = (message: ToView): void => port.post(message);

  const answer = async (id: number, method: string, params: unknown): Promise<void> => {
    const abort = new AbortController();
    running.set(id, abort);
    // By identity: a page that was made anew counts its requests from 1 again.
    const wanted = (): boolean => running.get(id) === abort;
    try {
      if (!Object.hasOwn(handlers, method)) throw new Error(`unknown request ${method}`);
      const handler = handlers[method as Requests<A>] as (params: unknown, signal: AbortSignal) => unknown;
      const result = await handler(params, abort.signal);
      if (wanted()) post({ type: 'result', id, result });
    } catch (error) {
      if (!abort.signal.aborted) onError(method, error);
      if (wanted())
        post({ type: 'error', id, message: error instanceof Error ? error.message : String(error) });
    } finally {
      if (wanted()) running.delete(id);
    }
  };
  const abandon = (reason: string): void => {
    for (const abort of running.values()) abort.abort(new Error(reason));
    running.clear();
  };

  const stop = port.listen((raw) => {
    const message = raw as ToHost | null | undefined;
    switch (message?.type) {
      case 'ready': {
        abandon('the page was made anew');
        const held = waiting ?? [];
        waiting = undefined;
        held.forEach(post);
        break;
      }
      case 'request':
        void answer(message.id, message.method, message.params);
        break;
      case 'cancel':
        running.get(message.id)?.abort(new Error('cancelled'));
        break;
    }
  });

  return {
    notify(method, params) {
      const message: ToView = { type: 'notice', method, params };
      if (waiting) waiting.push(message);
      else post(message);
    },
    dispose() {
      stop();
      abandon('the panel was closed');
    },
  };
}

export interface RpcView<A extends Api> {
  ask<M extends Requests<A>>(
    method: M,
    params: ParamsOf<A['requests'][M]>,
    signal?: AbortSignal,
  ): Promise<ResultOf<A['requests'][M]>>;
  dispose(): void;
}

/** Connects a view to its host and says that it is ready. @param timeoutMs after which a request fails */
export function connect<A extends Api>(
  port: Port,
  handlers: ViewHandlers<A>,
  timeoutMs = 60_000,
): RpcView<A> {
  const pending = new Map<number, { settle(message: ToView): void }>();
  let nextId = 1;

  const stop = port.listen((raw) => {
    const message = raw as ToView | null | undefined;
    if (message?.type === 'notice') {
      if (Object.hasOwn(handlers, message.method)) {
        (handlers[message.method as Notices<A>] as (params: unknown) => void)(message.params);
      }
    } else if (message?.type) pending.get(message.id)?.settle(message);
  });
  port.post({ type: 'ready' } satisfies ToHost);

  return {
    ask(method, params, signal) {
      const id = nextId++;
      return new Promise((resolve, reject) => {
        const end = (): void => {
          pending.delete(id);
          clearTimeout(timer);
          signal?.removeEventListener('abort', cancel);
        };
        const cancel = (): void => {
          end();
          port.post({ type: 'cancel', id } satisfies ToHost);
          reject(new Error('cancelled'));
        };
        const timer = setTimeout(() => {
          end();
          port.post({ type: 'cancel', id } satisfies ToHost);
          reject(new Error(`no answer to ${method} within ${timeoutMs / 1000} s`));
        }, timeoutMs);
        pending.set(id, {
          settle(message) {
            end();
            if (message.type === 'result') resolve(message.result as never);
            else if (message.type === 'error') reject(new Error(message.message));
          },
        });
        if (signal?.aborted) {
          cancel();
          return;
        }
        signal?.addEventListener('abort', cancel, { once: true });
        port.post({ type: 'request', id, method, params } satisfies ToHost);
      });
    },
    dispose() {
      stop();
      for (const [id, entry] of [...pending])
        entry.settle({ type: 'error', id, message: 'the panel was closed' });
    },
  };
}
