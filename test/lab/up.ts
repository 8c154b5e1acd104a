// A lab by hand: node --import tsx test/lab/up.ts
// Prints its endpoint on stdout as one line, everything else on stderr; ^C or SIGTERM ends it and leaves nothing.
import { samplePods, startLab } from './containerd.js';

const signalled = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
});
const progress = (line: string): void => console.error(`lab: ${line}`);
const lab = await startLab({ pods: samplePods, progress });
progress(`containerd ${lab.pid} with ${samplePods.length} pods; Ctrl-C stops it and removes everything`);
console.log(lab.endpoint);
await Promise.race([signalled, new Promise(() => setInterval(() => undefined, 60_000))]);
progress('stopping');
await lab.stop();
process.exit(0);
