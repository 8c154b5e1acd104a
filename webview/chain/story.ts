import { html, nothing, type TemplateResult } from 'lit';
import type { StoryStep } from '../../src/model/chain/graph.js';
import { visible } from '../../src/model/visible.js';
import type { Story } from '../../src/protocol/chain.js';
import { format } from '../../src/protocol/panel.js';
import { icon } from '../ui/parts.js';
import type { Texts } from './words.js';

/** How a container or a sandbox came to be; what isn't known is a gap with its reason. */
export function storyOf({ steps, problem }: Story, strings: Texts): TemplateResult {
  let before: number | undefined;
  const items = steps.map((step) => {
    const item = stepItem(step, before, strings);
    before = step.at ?? before;
    return item;
  });
  return html`<section class="story" aria-labelledby="story-title">
    <h2 id="story-title">${icon('history')}<span>${strings.story}</span></h2>
    ${problem === undefined ? nothing : html`<p class="caution">${icon('warning')} ${visible(problem)}</p>`}
    <ol>
      ${items}
    </ol>
  </section>`;
}

function stepItem(
  { text, at, source }: StoryStep,
  before: number | undefined,
  strings: Texts,
): TemplateResult {
  const date = at === undefined ? undefined : new Date(at);
  const known = date && !Number.isNaN(date.getTime());
  return html`<li class=${known ? 'known' : 'unknown'}>
    <p class="when">
      ${
        known
          ? html`<time datetime=${date.toISOString()} title=${date.toISOString()}>${clock(date)}</time>`
          : html`<span class="gap">${icon('question')}${strings.unknownTime}</span>`
      }
      ${known && before !== undefined ? html`<span>${difference(date.getTime() - before, strings)}</span>` : nothing}
    </p>
    <p>${visible(text)}</p>
    <p class="source">${visible(source)}</p>
  </li>`;
}

/** A local time of day to the millisecond, with the date unless it is today's. */
function clock(date: Date): string {
  const day =
    date.toDateString() === new Date().toDateString() ? {} : ({ month: 'short', day: 'numeric' } as const);
  return date.toLocaleString(undefined, {
    ...day,
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  });
}

/** @param ms the time since the last step whose time is known */
function difference(ms: number, strings: Texts): string {
  const length = Math.abs(ms);
  const said =
    length < 1000
      ? format(strings.milliseconds, Math.round(length))
      : format(strings.seconds, (length / 1000).toLocaleString(undefined, { maximumFractionDigits: 1 }));
  return format(ms < 0 ? strings.before : strings.after, said);
}
