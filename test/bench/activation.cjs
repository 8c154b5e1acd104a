// Loads the extension's bundle in a fresh process with a `vscode` that does nothing, and prints how long that took.
const Module = require('node:module');
const { performance } = require('node:perf_hooks');

/** Anything one asks of it is callable, constructible and has any member. */
const anything = new Proxy(function () {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => '' : key === 'then' ? undefined : anything),
  apply: () => anything,
  construct: () => anything,
});
const configuration = { get: (_, fallback) => fallback, affectsConfiguration: () => false };
const vscode = new Proxy(
  {},
  {
    get: (_, key) =>
      key === 'workspace'
        ? new Proxy({}, { get: (_, name) => (name === 'getConfiguration' ? () => configuration : anything) })
        : anything,
  },
);
const load = Module._load;
Module._load = (request, ...rest) => (request === 'vscode' ? vscode : load(request, ...rest));

const start = performance.now();
const extension = require(process.argv[2]);
const loaded = performance.now();
extension.activate({ subscriptions: [], extensionUri: anything });
const done = performance.now();
console.log(JSON.stringify({ load: loaded - start, activate: done - loaded }));
process.exit(0);
