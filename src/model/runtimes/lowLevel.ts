/** Where each low-level runtime keeps the state of container `id`, under its `--root`; runtimes.md and recorded state. */
const stateFiles: readonly { readonly program: RegExp; path(id: string): string }[] = [
  { program: /\bcrun\b/, path: (id) => `${id}/status` },
  { program: /\b(runc|youki)\b/, path: (id) => `${id}/state.json` },
];

/**
 * The state file under a runtime's `--root`, where the runtime is known.
 * @param name a program's name; wrappers like `crio-runc-wrap` count as what they wrap
 */
export function statePathUnder(root: string, name: string, id: string): string | undefined {
  const file = stateFiles.find(({ program }) => program.test(name));
  return file === undefined ? undefined : `${root.replace(/\/+$/, '')}/${file.path(id)}`;
}
