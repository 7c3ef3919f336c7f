export { connect, type Api, type Connection, type ConnectOptions } from './connect.js';
export { FlotillaError, isRefused } from './failure.js';
export { alerts, allocation, carrier, common, ingest, ops, order, reasons, settlement, tracking, type Reason } from '@flotilla/contracts';
