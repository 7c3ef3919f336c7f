import type { Client, ServiceRef } from '@flotilla/contracts';
import type { AnyDecider } from '@flotilla/decider';
import type { EventStore, Follower, Job, Logger, Meta, Performed, Recorded, TimerChange } from '@flotilla/event-store';
import type { ConsumeOptions, Published } from '@flotilla/messaging';
import type { Clock, Field } from '@flotilla/values';
import type { Type } from '@nestjs/common';
import type pg from 'pg';
import type { z } from 'zod';
import type { CommonConfig, GatewayConfig } from './config.js';
import type { Served } from './grpc-server.js';
import type { HttpOptions } from './http.js';
import type { MigrationClass } from './migrations.js';
import type { Outside, OutsideOptions } from './outside.js';

export type ServiceName = 'ingest' | 'order-core' | 'allocation' | 'carrier' | 'tracking' | 'settlement' | 'alerts';

/** What runs under a name of its own: a service, or a participant of the lock protocol deployed by itself near its warehouses. */
export type DeploymentName = ServiceName | `participant-${string}`;

/** What the kit gives to every process that speaks to services, with a log of its own or without. */
export interface GatewayContext<Config = unknown> {
  readonly name: string;
  readonly config: GatewayConfig & Config;
  readonly log: Logger;
  readonly clock: Clock;
  /** A typed client of another service's gRPC (questions only), made once per address. */
  client<Rpc>(service: ServiceRef<Rpc>, owner: ServiceName): Client<Rpc>;
  /** Meta for events that nobody outside asked for; carries the active trace. */
  meta(cause?: { readonly actor?: string; readonly correlation?: string; readonly causation?: string }): Meta;
  /** Opens sealed texts in order; "" for "" and for an erased person's. Batched, keys cached for 30 s. */
  open(texts: readonly string[]): Promise<readonly string[]>;
  /** Seals with the subject's key; Refused SUBJECT_ERASED if there is none. */
  seal(subject: string, field: Field, text: string): Promise<string>;
  /** The search index over a phone (E.164) or an e-mail address. Needs FLOTILLA_INDEX_KEY. */
  index(kind: 'phone' | 'email', value: string): string;
  /** `fetch` to one target, with its breaker, rate and deadline; the same target gets the same one. */
  outside(target: string, options?: OutsideOptions): Outside;
  /** Stops the process in order, with an exit code, because going on would be wrong. */
  fatal(error: unknown): void;
}

/** What the kit gives a service to build itself from. */
export interface ServiceContext<Config = unknown> extends GatewayContext<Config> {
  readonly name: DeploymentName;
  readonly config: CommonConfig & Config;
  readonly pool: pg.Pool;
  readonly store: EventStore;
}

/** A timer that is due. It only says when to look. */
export interface DueTimer {
  readonly key: string;
  readonly dueAt: string;
  readonly data: unknown;
}

export interface ServicePerformer {
  readonly concurrency?: number;
  /** The first attempt. */
  readonly perform: (job: Performed, meta: Meta) => Promise<void>;
  /** An earlier attempt began and never reported: find out before anything is done again. */
  readonly resolve: (job: Performed, meta: Meta) => Promise<void>;
}

export type ServiceConsumer = Pick<ConsumeOptions, 'topics' | 'handlers' | 'prepare' | 'policy'> & { readonly name: string };

/** What a service consists of, in the order in which work flows through it. */
export interface ServiceParts {
  /** Runs at every start of every replica, before anything else: for what has to be in the log. */
  readonly begin?: () => Promise<void>;
  readonly consumers?: readonly ServiceConsumer[];
  readonly controllers?: readonly Type[];
  readonly grpc?: readonly Served[];
  readonly timers?: { readonly changes: (event: Recorded) => readonly TimerChange[]; readonly fire: (timer: DueTimer, meta: Meta) => Promise<void> };
  readonly jobs?: (event: Recorded) => readonly Job[];
  readonly performers?: Readonly<Record<string, ServicePerformer>>;
  readonly followers?: readonly Follower[];
  readonly publish?: (event: Recorded) => readonly Published[];
  /** Counts for flotilla.ops.v1.Tallies. */
  readonly tally?: () => Promise<Readonly<Record<string, number>>>;
  /** Runs when everything else has stopped. */
  readonly stop?: () => Promise<void>;
}

export interface ServiceDefinition<Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly name: DeploymentName;
  readonly config: Shape;
  readonly migrations: readonly MigrationClass[];
  /** Those that have written an event in an older version: what follows the log, publishes or reads it gets it as it is written today. */
  readonly deciders?: readonly AnyDecider[];
  readonly build: (ctx: ServiceContext<z.infer<z.ZodObject<Shape>>>) => Promise<ServiceParts> | ServiceParts;
}

/** Keeps the types of `config` for `build`. */
export const defineService = <Shape extends z.ZodRawShape>(definition: ServiceDefinition<Shape>): ServiceDefinition<Shape> => definition;

/** A process without a log of its own: it asks services, and answers over HTTP. */
export interface GatewayDefinition<Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly name: string;
  readonly config: Shape;
  readonly build: (ctx: GatewayContext<z.infer<z.ZodObject<Shape>>>) => Promise<GatewayParts> | GatewayParts;
}

export interface GatewayParts extends Pick<HttpOptions, 'controllers' | 'context' | 'extend' | 'filter'> {
  /** Runs before HTTP stops: for answers that have no end of their own. */
  readonly drain?: () => Promise<void> | void;
}

/** Keeps the types of `config` for `build`. */
export const defineGateway = <Shape extends z.ZodRawShape>(definition: GatewayDefinition<Shape>): GatewayDefinition<Shape> => definition;
