import { Emitter } from '../../../src/util/event.js';

/** As much of VS Code as src/panels touches, in memory. */
export class FakePanel {
  title: string;
  iconPath: unknown;
  visible = true;
  revealed = 0;
  readonly posted: unknown[] = [];
  readonly received = new Emitter<unknown>();
  readonly #disposed = new Emitter<void>();
  readonly #viewState = new Emitter<void>();
  readonly onDidDispose = this.#disposed.event;
  readonly onDidChangeViewState = this.#viewState.event;
  readonly webview;

  constructor(
    readonly viewType: string,
    title: string,
  ) {
    this.title = title;
    this.webview = {
      options: {} as { enableScripts?: boolean; localResourceRoots?: readonly FakeUri[] },
      html: '',
      cspSource: 'https://source',
      asWebviewUri: (uri: FakeUri) => ({ toString: () => `https://source${uri.path}` }),
      postMessage: (message: unknown) => Promise.resolve(this.posted.push(message) > 0),
      onDidReceiveMessage: this.received.event,
    };
  }

  reveal(): void {
    this.revealed++;
  }

  /** A person brings it to the front, or something else. */
  seen(visible: boolean): void {
    this.visible = visible;
    this.#viewState.fire();
  }

  dispose(): void {
    this.#disposed.fire();
  }
}

export interface FakeUri {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  toString(): string;
}

interface Provider {
  provideTextDocumentContent(uri: FakeUri, token: unknown): Promise<string | undefined>;
}

/** What tests look into. One a test: `reset` empties it. */
export const fake = {
  panels: [] as FakePanel[],
  clipboard: [] as string[],
  /** Commands that were run, with their arguments. */
  executed: [] as unknown[][],
  /** Labels that quick picks offered; the first of the last one is picked. */
  offered: [] as string[][],
  shown: [] as { uri: FakeUri; text: string; at: number | undefined }[],
  serializers: new Map<
    string,
    { deserializeWebviewPanel(panel: FakePanel, state: unknown): Promise<void> }
  >(),
  providers: new Map<string, Provider>(),
  reset(): void {
    this.panels.length = this.clipboard.length = this.shown.length = 0;
    this.executed.length = this.offered.length = 0;
    this.serializers.clear();
    this.providers.clear();
  },
};

const uri = (parts: Partial<FakeUri>): FakeUri => ({
  scheme: '',
  authority: '',
  path: '',
  query: '',
  ...parts,
  toString: () => JSON.stringify(parts),
});

class FakeDocument {
  constructor(
    readonly uri: FakeUri,
    readonly text: string,
  ) {}
  getText = (): string => this.text;
  positionAt = (offset: number): number => offset;
  offsetAt = (position: number): number => position;
}

export const vscode = {
  ViewColumn: { Active: -1 },
  env: {
    language: 'en',
    clipboard: { writeText: (text: string) => Promise.resolve(fake.clipboard.push(text)) },
  },
  l10n: {
    t: (text: string, ...values: string[]) =>
      text.replace(/\{(\d)\}/g, (hole, index: string) => values[Number(index)] ?? hole),
  },
  Uri: {
    from: uri,
    joinPath: (base: FakeUri, ...parts: string[]) => uri({ ...base, path: [base.path, ...parts].join('/') }),
  },
  Range: class {
    constructor(readonly start: number) {}
  },
  commands: {
    executeCommand: (...command: unknown[]) => Promise.resolve(void fake.executed.push(command)),
  },
  CancellationError: class extends Error {},
  EventEmitter: Emitter,
  window: {
    createWebviewPanel(viewType: string, title: string): FakePanel {
      const panel = new FakePanel(viewType, title);
      fake.panels.push(panel);
      return panel;
    },
    showQuickPick<T extends { readonly label: string }>(items: readonly T[]) {
      fake.offered.push(items.map(({ label }) => label));
      return Promise.resolve(items[0]);
    },
    registerWebviewPanelSerializer(type: string, serializer: never) {
      fake.serializers.set(type, serializer);
      return { dispose: () => fake.serializers.delete(type) };
    },
    showTextDocument(document: FakeDocument, options: { selection?: { start: number } }) {
      fake.shown.push({ uri: document.uri, text: document.text, at: options.selection?.start });
      return Promise.resolve();
    },
  },
  languages: { registerHoverProvider: () => ({ dispose: () => undefined }) },
  MarkdownString: class {
    value = '';
    appendCodeblock = (code: string): number => (this.value += `\n\`\`\`\n${code}\n\`\`\`\n`).length;
    appendText = (text: string): number =>
      (this.value += text.replace(/[\\`*_{}[\]()#+\-.!|<>]/g, '\\$&')).length;
    appendMarkdown = (text: string): number => (this.value += text).length;
  },
  Hover: class {
    constructor(readonly contents: unknown) {}
  },
  workspace: {
    textDocuments: [],
    registerTextDocumentContentProvider(scheme: string, provider: Provider) {
      fake.providers.set(scheme, provider);
      return { dispose: () => fake.providers.delete(scheme) };
    },
    async openTextDocument(at: FakeUri | { readonly language: string; readonly content: string }) {
      if ('content' in at)
        return new FakeDocument(uri({ scheme: 'untitled', path: at.language }), at.content);
      const token = { onCancellationRequested: () => ({ dispose: () => undefined }) };
      return new FakeDocument(
        at,
        (await fake.providers.get(at.scheme)?.provideTextDocumentContent(at, token)) ?? '',
      );
    },
  },
};
