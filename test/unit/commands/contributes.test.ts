import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string }[]>>;
  };
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const declared = manifest.contributes.commands.map(({ command }) => command);

/** The names in the command tables of src/commands, which can't be imported without vscode. */
function registered(): string[] {
  return readdirSync('src/commands').flatMap((file) => {
    const table = /Readonly<Record<string, Command>> = \{([^}]*)\}/.exec(
      readFileSync(`src/commands/${file}`, 'utf8'),
    );
    return [...(table?.[1] ?? '').matchAll(/(?:^|[{,])\s*(\w+)(?=\s*[:,]|\s*$)/g)].map(
      ([, name]) => `criExplorer.${name}`,
    );
  });
}

test('every contributed command is registered, and no other', () => {
  expect(registered().sort()).toEqual([...declared].sort());
});

test('menus name contributed commands only, titles are in package.nls.json', () => {
  const named = Object.values(manifest.contributes.menus).flatMap((items) =>
    items.map(({ command }) => command),
  );
  expect(named.filter((command) => !declared.includes(command))).toEqual([]);
  const strings = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>;
  for (const { title } of manifest.contributes.commands) expect(strings).toHaveProperty([title.slice(1, -1)]);
});
