// A lab by hand: node --import tsx test/lab/up.ts
// Prints its endpoint on stdout as one line, everything else on stderr. ^C, SIGTERM or the end of a parent that
// holds an IPC channel to it ends it, and leaves nothing.
import { samplePods, startLab } from './containerd.js';

const signalled = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  process.once('disconnect', () => resolve());
});
const progress = (line: string): void => console.error(`lab: ${line}`);
const lab = await startLab({ pods: samplePods, progress });
progress(`containerd ${lab.pid} with ${samplePods.length} pods; Ctrl-C stops it and removes everything`);
console.log(lab.endpoint);
const awake = setInterval(() => undefined, 60_000);
await signalled;
clearInterval(awake);
progress('stopping');
await lab.stop();
process.exit(0);
