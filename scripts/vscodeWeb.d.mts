export interface VsCodeWebOptions {
  readonly port: number;
  /** Absent: anyone who reaches the port may enter. Only for what ends with a test. */
  readonly token?: string;
  readonly extensionsDir: string;
  readonly userDataDir: string;
  /** Written as user and as machine settings. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Loads the extension from a folder, as F5 does. */
  readonly extensionDevelopmentPath?: string;
  /** Runs the server as this user; the two folders become theirs. Its home is the second unless given. Needs root. */
  readonly asUser?: {
    readonly name: string;
    readonly uid: number;
    readonly gid: number;
    readonly home?: string;
  };
  readonly progress?: (line: string) => void;
}

export interface VsCodeWeb {
  readonly url: string;
  /** The last of what the server printed. */
  readonly output: () => string;
  /** Resolves with how the server ended, by itself or by `stop`. */
  readonly ended: Promise<string>;
  /** Ends the server, its extension host and its terminals; resolves when they are gone. */
  readonly stop: () => Promise<void>;
}

export declare function ensureVsCodeWeb(
  progress?: (line: string) => void,
): Promise<{ readonly node: string; readonly root: string }>;
export declare function startVsCodeWeb(options: VsCodeWebOptions): Promise<VsCodeWeb>;
export declare function installVsix(
  options: { readonly vsix: string; readonly extensionsDir: string; readonly userDataDir: string },
  progress?: (line: string) => void,
): Promise<void>;
export declare const quietSettings: Readonly<Record<string, unknown>>;
export declare function freePort(): Promise<number>;
