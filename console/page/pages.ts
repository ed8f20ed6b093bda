import type { ComponentType } from 'preact';
import { FleetPage } from './fleet/fleet-page.tsx';
import { FlowPage } from './flow/flow-page.tsx';
import { LettersPage } from './letters/letters-page.tsx';
import { ParkedPage } from './parked/parked-page.tsx';
import { RoomsPage } from './rooms/rooms-page.tsx';
import { TryPage } from './try/try-page.tsx';

interface Page {
  readonly path: string;
  readonly name: string;
  readonly Content: ComponentType;
  readonly isLocalOnly?: boolean;
}

export const PAGES: readonly [Page, ...Page[]] = [
  { path: '/', name: 'Fleet', Content: FleetPage },
  { path: '/flow', name: 'Flow', Content: FlowPage },
  { path: '/rooms', name: 'Rooms', Content: RoomsPage },
  { path: '/parked', name: 'Parked', Content: ParkedPage },
  { path: '/letters', name: 'Dead letters', Content: LettersPage },
  { path: '/try', name: 'Try it', Content: TryPage, isLocalOnly: true },
];
