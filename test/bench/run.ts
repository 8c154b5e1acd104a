/** `npm run bench [-- group …]`: one JSON object a line, then a table. Aims that are missed are shown, not failed. */
import { chainGroup } from './chain.js';
import { ociGroup } from './oci.js';
import { packageGroup } from './package.js';
import type { Result } from './report.js';
import { table } from './report.js';
import { snapshotGroup } from './snapshot.js';
import { sshGroup } from './ssh.js';

type Group = (emit: (result: Result) => void) => Promise<void>;

const groups: Readonly<Record<string, Group>> = {
  package: packageGroup,
  snapshot: snapshotGroup,
  ssh: sshGroup,
  chain: chainGroup,
  oci: ociGroup,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in groups));
if (unknown.length > 0) {
  console.error(`unknown group ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}`);
  process.exit(2);
}

const results: Result[] = [];
for (const [name, group] of Object.entries(groups)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  await group((result) => {
    results.push(result);
    console.log(JSON.stringify(result));
  });
}
console.log(`\n${table(results)}`);
process.exit(0);
