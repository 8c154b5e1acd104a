import type { FindingKind } from '../finding.js';
import type { Steps } from '../../steps.js';
import type { Look, Rule, Suspicion } from '../look.js';
import { clockSkew } from './clockSkew.js';
import { deprecation } from './deprecation.js';
import { imageFilesystem } from './imageFilesystem.js';
import { leftoverBundle } from './leftoverBundle.js';
import { leftoverCgroup } from './leftoverCgroup.js';
import { leftoverMount } from './leftoverMount.js';
import { leftoverNetns } from './leftoverNetns.js';
import { leftoverState } from './leftoverState.js';
import { network } from './network.js';
import { orphanShim } from './orphanShim.js';
import { processGone } from './processGone.js';
import { restartLoop } from './restartLoop.js';
import { sandboxNotReady } from './sandboxNotReady.js';
import { strangerInCgroup } from './strangerInCgroup.js';
import { zombie } from './zombie.js';

/** A new kind of trouble is one file here, its line, and its kind in finding.ts. */
export const rules: Readonly<Record<FindingKind, Rule>> = {
  orphanShim,
  processGone,
  strangerInCgroup,
  leftoverBundle,
  leftoverState,
  leftoverMount,
  leftoverCgroup,
  leftoverNetns,
  zombie,
  restartLoop,
  sandboxNotReady,
  network,
  imageFilesystem,
  clockSkew,
  deprecation,
};

export const findingKinds = Object.keys(rules) as readonly FindingKind[];

/** What one rule suspects. */
export function* suspecting(kind: FindingKind, look: Look): Steps<readonly Suspicion[]> {
  const found = rules[kind](look);
  return 'next' in found ? yield* found : found;
}
