import { afterAll, beforeAll, expect, test } from 'vitest';
import { openVsCode, type Session } from './harness.js';

let code: Session;

beforeAll(async () => {
  code = await openVsCode();
});
afterAll(async () => code.stop());

test('VS Code opens with the extension and shows its view', async () => {
  await code.openExplorer();
  await code.screenshots('empty');
});

test('the extension activates and gives its API', async () => {
  expect(await code.inHost((_code, api) => api.version)).toBe(1);
});

test('its commands are in the palette', async () => {
  await code.runCommand('CRI Explorer: Refresh');
});
