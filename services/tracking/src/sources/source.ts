import type { Outside, OutsideOptions } from '@flotilla/service-kit';
import type { z } from 'zod';
import type { Scan, Waybill } from '../decide/shipment.events.js';

/** A scan of a waybill, or why one could not be read: one odd entry must not cost the others of its delivery. */
export type Sighting = Waybill & ({ readonly scan: Scan } | { readonly scanId: string; readonly unreadable: string });

/** What a carrier's code says. Not known: it is in no table, and says nothing about progress. */
export type Meaning = Pick<Scan, 'milestone' | 'known'>;

/** What a source is, without its I/O. */
export interface SourceManifest {
  /** The folder's: sf. Of a source that tells of one carrier alone, that carrier's name in events. */
  readonly name: string;
  readonly title: { readonly zh: string; readonly en: string };
  /** What the carriers that it tells of are called there, by our names. */
  readonly carriers: Readonly<Record<string, string>>;
  /** Tells of carriers anywhere in the world, across borders: what is not among `carriers` is for it to find out. */
  readonly worldwide: boolean;
  /** Waybills in one question; 0 = nobody can be asked. */
  readonly batch: number;
  readonly outside: OutsideOptions;
}

export interface SourceOptions {
  readonly config: Readonly<Record<string, unknown>>;
  readonly outside: Outside;
  readonly now: () => Date;
  /** Where it is to push to. */
  readonly callback: string;
}

/** A connected source. */
export interface SourceConnection {
  /** Reads a push. Refused BAD_SIGNATURE if it is not the carrier's, BAD_JSON if nothing in it can be read. */
  push(body: Uint8Array, headers: Readonly<Record<string, string | undefined>>): readonly Sighting[];
  /** What the carrier answers to a push that was kept. */
  readonly pushAnswer: { readonly contentType: string; readonly body: string };
  /** Asks for the scans of at most `batch` waybills. Rejects if there was no usable answer. */
  poll(waybills: readonly Waybill[]): Promise<readonly Sighting[]>;
  /**
   * Has it follow at most `batch` waybills and push what it learns; may be repeated. Answers those that it cannot follow.
   * Absent: it pushes, or is asked, without that.
   */
  follow?(waybills: readonly Waybill[]): Promise<readonly Waybill[]>;
}

/** Where scans come from: one folder of this shape and one line in the registry. */
export interface Source {
  readonly manifest: SourceManifest;
  /** Its own configuration. */
  readonly config: z.ZodRawShape;
  /** Undefined: it is not configured, and tells nothing. */
  connect(options: SourceOptions): SourceConnection | undefined;
}
