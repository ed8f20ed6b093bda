import type { ComponentChildren } from 'preact';

export type Tone = 'good' | 'warn' | 'bad' | 'quiet';

/** Colour is never all that tells: the shape and the words do too. */
const SHAPES: Record<Tone, string> = { good: '●', warn: '▲', bad: '■', quiet: '○' };

export const Pill = ({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) => (
  <span class={`pill ${tone}`}>
    <span aria-hidden="true">{SHAPES[tone]}</span> {children}
  </span>
);
