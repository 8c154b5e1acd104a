import type * as VsCode from 'vscode';
import { expect, test, vi } from 'vitest';
import { vscode } from './fakeVscode.js';

vi.mock('vscode', () => vscode);
const { specHover } = await import('../../../src/panels/specHover.js');

async function hover(text: string, needle: string): Promise<string | undefined> {
  const document = { getText: () => text, offsetAt: (position: number) => position };
  const token = { isCancellationRequested: false };
  const found = (await specHover.provideHover(
    document as unknown as VsCode.TextDocument,
    text.indexOf(needle) as unknown as VsCode.Position,
    token as VsCode.CancellationToken,
  )) as { contents: { value: string } } | undefined;
  return found?.contents.value;
}

test('a field tells its path, what it is for, and where the specification says so', async () => {
  const shown = await hover('{"linux": {"resources": {"memory": {"limit": 1}}}}', '"limit"');
  expect(shown).toContain('.linux.resources.memory.limit');
  expect(shown).toContain('The most memory');
  expect(shown).toContain(
    '(https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#memory)',
  );
});

test('a name from the node is only ever code', async () => {
  const shown = await hover('{"annotations": {"[x](command:evil)\\n```": "1"}}', '"[x]');
  expect(shown).toContain('\n```\n.annotations["[x](command:evil)\\n```"]\n```\n');
});

test('nothing is said of what is unknown, and of what is no JSON', async () => {
  expect(await hover('{"novel": 1}', '"novel"')).toBeUndefined();
  expect(await hover('linux: {}', 'linux')).toBeUndefined();
});
