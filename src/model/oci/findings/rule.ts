import type { SpecFinding } from '../insight.js';
import type { JsonNode } from '../json.js';
import type { FindingContext } from './context.js';

export type Found = Omit<SpecFinding, 'expected'>;

/**
 * One topic of findings; pure, and throws for no spec.
 * @param all whether the container is privileged: then what that implies isn't said again
 */
export type Rule = (spec: JsonNode, context: FindingContext, all: boolean) => readonly Found[];

export const missing = 'not set';
