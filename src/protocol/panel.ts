/** What every panel's host and view agree on besides their own {@link Api}. */

/**
 * Names what a panel shows, over window reloads: a container or a sandbox; in panels that can show one, a runtime as a
 * whole (`id` is empty) or a node as a whole (`endpoint` is empty too).
 */
export interface PanelTarget {
  readonly nodeId: string;
  /** For example `unix:///run/containerd/containerd.sock`. */
  readonly endpoint: string;
  readonly id: string;
}

/** The texts of webview/ui, part of every panel's table. */
export interface UiStrings {
  readonly find: string;
  readonly findNext: string;
  readonly findPrevious: string;
  readonly findClose: string;
  readonly findCount: string;
  readonly findNone: string;
  readonly copied: string;
  readonly loading: string;
  readonly retry: string;
}

/**
 * In the page from its first moment, as JSON in an attribute of its root element. A view has no `vscode`, so it gets
 * the texts it shows, already in the reader's language, from the host: one table a panel, made with `vscode.l10n.t`.
 * `{0}`, `{1}` … in them stand for what the view fills in with {@link format}.
 */
export interface Boot<S extends object> {
  readonly target: PanelTarget;
  readonly strings: S & UiStrings;
}

/** What a view gives to `setState`: enough for the host to make the panel anew after a window reload. */
export interface SavedPanel {
  readonly target: PanelTarget;
  /** The view's own: scroll position, open sections, … */
  readonly view?: unknown;
}

/** The target of a saved panel, if that is what it is. */
export function savedTarget(state: unknown): PanelTarget | undefined {
  const target = (state as Partial<SavedPanel> | null | undefined)?.target as
    Partial<PanelTarget> | undefined;
  if (typeof target?.nodeId !== 'string') return undefined;
  if (typeof target.endpoint !== 'string' || typeof target.id !== 'string') return undefined;
  return { nodeId: target.nodeId, endpoint: target.endpoint, id: target.id };
}

/** Puts values in the place of `{0}`, `{1}` …; the same that `vscode.l10n.t` does. */
export function format(text: string, ...values: readonly (string | number)[]): string {
  return text.replace(/\{(\d+)\}/g, (hole, index: string) => String(values[Number(index)] ?? hole));
}
