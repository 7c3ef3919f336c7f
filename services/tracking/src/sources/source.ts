import type { Outside, OutsideOptions } from '@flotilla/service-kit';
import type { z } from 'zod';
import type { Scan } from '../decide/shipment.events.js';

/** A scan of a waybill, or why one could not be read: one odd entry must not cost the others of its delivery. */
export type Sighting = { readonly waybill: string; readonly scan: Scan } | { readonly waybill: string; readonly scanId: string; readonly unreadable: string };

/** What a source is, without its I/O. */
export interface SourceManifest {
  /** The carrier's name in events, and the folder's: sf. */
  readonly name: string;
  readonly title: { readonly zh: string; readonly en: string };
  /** Waybills in one question; 0 = nobody can be asked. */
  readonly batch: number;
  readonly outside: OutsideOptions;
}

export interface SourceOptions {
  readonly config: Readonly<Record<string, unknown>>;
  readonly outside: Outside;
  readonly now: () => Date;
}

/** A connected source. */
export interface SourceConnection {
  /** Reads a push. Refused BAD_SIGNATURE if it is not the carrier's, BAD_JSON if nothing in it can be read. */
  push(body: Uint8Array): readonly Sighting[];
  /** What the carrier answers to a push that was kept. */
  readonly pushAnswer: { readonly contentType: string; readonly body: string };
  /** Asks for the scans of at most `batch` waybills. Rejects if there was no usable answer. */
  poll(waybills: readonly string[]): Promise<readonly Sighting[]>;
}

/** Where scans come from: one folder of this shape and one line in the registry. */
export interface Source {
  readonly manifest: SourceManifest;
  /** Its own configuration. */
  readonly config: z.ZodRawShape;
  connect(options: SourceOptions): SourceConnection;
}
