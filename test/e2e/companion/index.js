// Runs a test's functions inside the extension host. The harness put a token beside this file; the answer is a port.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as vscode from 'vscode';

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));

export function activate(context) {
  const token = readFileSync(beside('token'), 'utf8');
  const server = createServer((request, response) => {
    if (request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(403).end();
      return;
    }
    void answer(request).then((body) => response.end(JSON.stringify(body)));
  });
  server.listen(0, '127.0.0.1', () => {
    // Renamed into place, so that the harness never reads half a number.
    writeFileSync(beside('port.part'), String(server.address().port));
    renameSync(beside('port.part'), beside('port'));
  });
  context.subscriptions.push({ dispose: () => server.close() });
}

async function answer(request) {
  try {
    const { source, argument } = JSON.parse(await text(request));
    const run = new Function(`return (${source})`)();
    const api = await vscode.extensions.getExtension('cri-explorer.cri-explorer')?.activate();
    return { value: await run(vscode, api, argument) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
