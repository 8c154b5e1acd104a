import type { ChainBox, ChainEdge, ChainFact, ChainFactName } from '../../src/model/chain/graph.js';
import { visible } from '../../src/model/visible.js';
import type { ChainStrings } from '../../src/protocol/chain.js';
import { format, type UiStrings } from '../../src/protocol/panel.js';

export type Texts = ChainStrings & UiStrings;

/** What a fact says, for people: times in the reader's time zone, hidden characters written out. */
export function factText({ name, value }: ChainFact): string {
  return name === 'started' ? timeText(value) : visible(value);
}

/** A time of day, with its date unless it is today's. @param value milliseconds since the epoch, as digits */
function timeText(value: string): string {
  const date = dateOf(value);
  if (!date) return visible(value);
  const today = date.toDateString() === new Date().toDateString();
  return today
    ? date.toLocaleTimeString()
    : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** The moment that a fact names; undefined for what is none. */
export function dateOf(value: string): Date | undefined {
  const date = new Date(/^\d+$/.test(value) ? Number(value) : NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

export const factOf = (box: ChainBox, name: ChainFactName): ChainFact | undefined =>
  box.facts.find((fact) => fact.name === name);

/** Why a box is no process or socket now; undefined for one that is. */
export function absenceText({ absent, kind }: ChainBox, strings: Texts): string | undefined {
  if (!absent) return undefined;
  return kind === 'lowLevel' ? strings.exited : strings.absent;
}

export const titleText = ({ title }: ChainBox): string => visible(title);

/** `ttrpc, from containerd`. */
export function comesText({ kind, from }: ChainEdge, boxes: readonly ChainBox[], strings: Texts): string {
  const box = boxes.find(({ id }) => id === from);
  return format(strings.from, strings.passes[kind], box ? titleText(box) : '?');
}

/** All of a box in one sentence, for screen readers. */
export function spoken(
  box: ChainBox,
  edges: readonly ChainEdge[],
  boxes: readonly ChainBox[],
  strings: Texts,
): string {
  const pid = factOf(box, 'pid');
  const parts = [
    titleText(box),
    strings.kinds[box.kind],
    absenceText(box, strings),
    pid && format(strings.pid, factText(pid)),
    ...edges
      .filter(({ to }) => to === box.id)
      .map((edge) => `${comesText(edge, boxes, strings)} (${strings[edge.proof]})`),
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}
