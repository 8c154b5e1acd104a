/** The fake CRI server in a process of its own, so that its work is not in our event loop. Prints its socket. */
import { startFakeCri } from '../lab/fakeCri.js';
import { generatedAnswers } from '../lab/fakeCriAnswers.js';

const containers = Number(process.argv[2]);
const fake = await startFakeCri({
  answers: generatedAnswers({ sandboxes: Math.ceil(containers / 2), containers }),
});
console.log(fake.socketPath);
process.on('SIGTERM', () => void fake.close().then(() => process.exit(0)));
