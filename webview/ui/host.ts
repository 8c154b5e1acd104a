import { connect, type Api, type Port, type RpcView, type ViewHandlers } from '../../src/protocol/rpc.js';
import type { Boot, SavedPanel, UiStrings } from '../../src/protocol/panel.js';
import { registerToolkit } from './toolkit.js';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** A panel's page, connected to its host. `V` is what the view remembers of itself; see {@link PanelPage.remember}. */
export interface PanelPage<A extends Api, S extends object, V extends object> {
  /** Where the panel renders. */
  readonly root: HTMLElement;
  readonly strings: S & UiStrings;
  readonly rpc: RpcView<A>;
  /** What `remember` kept, after the panel was hidden or the window reloaded. Fields may be missing. */
  readonly remembered: Partial<V>;
  /** Keeps the view's state; cheap enough for each scroll event of a debounced handler, not for each frame. */
  remember(view: V): void;
}

/**
 * Starts a panel's page: registers the components, keeps the target for a window reload and connects to the host.
 * VS Code throws a hidden panel's page away, so a page begins by asking its host for what it shows.
 */
export function openPage<A extends Api, S extends object, V extends object>(
  handlers: ViewHandlers<A>,
): PanelPage<A, S, V> {
  registerToolkit();
  const api = acquireVsCodeApi();
  const root = document.getElementById('root');
  if (!root?.dataset.boot) throw new Error('the page has no root');
  const boot = JSON.parse(root.dataset.boot) as Boot<S>;
  const saved = api.getState() as SavedPanel | undefined;
  api.setState({ target: boot.target, view: saved?.view } satisfies SavedPanel);
  return {
    root,
    strings: boot.strings,
    rpc: connect<A>(windowPort(api), handlers),
    remembered: saved?.view ?? {},
    remember: (view) => api.setState({ target: boot.target, view } satisfies SavedPanel),
  };
}

function windowPort(api: VsCodeApi): Port {
  return {
    post: (message) => api.postMessage(message),
    listen(listener) {
      const onMessage = (event: MessageEvent<unknown>): void => listener(event.data);
      window.addEventListener('message', onMessage);
      return () => window.removeEventListener('message', onMessage);
    },
  };
}
