export declare const labPackages: Readonly<Record<string, string>>;
export declare const browserPackages: Readonly<Record<string, string>>;
export declare const sshPackages: Readonly<Record<string, string>>;
export declare function onPath(program: string): Promise<boolean>;
export declare function whyNoApt(): Promise<string | undefined>;
export declare function missingPackages(packages: Readonly<Record<string, string>>): Promise<string[]>;
export declare function ensurePackages(
  packages: Readonly<Record<string, string>>,
  progress: (line: string) => void,
): Promise<void>;
