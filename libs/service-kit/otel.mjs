// Loaded with `node --import @flotilla/service-kit/otel`, never imported by the application: hooks must stand before the
// application's graph is evaluated. Without OTEL_EXPORTER_OTLP_ENDPOINT nothing is loaded at all.
import { setSourceMapsSupport } from 'node:module';

// Of our own code alone: with --enable-source-maps Node reads those of 2,000 packaged modules, too (10 MB of heap, a third of a start's CPU).
setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });

if (process.env.OTEL_EXPORTER_OTLP_ENDPOINT) {
  const { register, supportsSyncHooks } = await import('import-in-the-middle/register-hooks.mjs');
  // An include list: wrapping every module costs memory and breaks some.
  const include = ['pg', 'pg-pool', '@grpc/grpc-js', 'http', 'node:http', 'https', 'node:https', 'undici'];
  if (supportsSyncHooks()) register({ include });
  else {
    const { register: asyncRegister } = await import('node:module');
    asyncRegister('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
  }
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const { HttpInstrumentation } = await import('@opentelemetry/instrumentation-http');
  const { GrpcInstrumentation } = await import('@opentelemetry/instrumentation-grpc');
  const { PgInstrumentation } = await import('@opentelemetry/instrumentation-pg');
  const { UndiciInstrumentation } = await import('@opentelemetry/instrumentation-undici');
  // The SDK would make a reader for the instrumentations' own metrics; ours are those of /metrics, pushed.
  const metrics = process.env.OTEL_METRICS_EXPORTER !== 'none' ? await (await import('@flotilla/telemetry/otlp')).pushMetrics() : undefined;
  process.env.OTEL_METRICS_EXPORTER = 'none';
  const collector = new URL(process.env.OTEL_EXPORTER_OTLP_ENDPOINT).host;
  const sdk = new NodeSDK({
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: (request) => /^\/(livez|readyz|metrics)/.test(request.url ?? ''),
        ignoreOutgoingRequestHook: (request) => `${request.hostname ?? request.host}:${request.port}` === collector,
      }),
      new GrpcInstrumentation({ ignoreGrpcMethods: ['Check', 'Watch', 'ServerReflectionInfo'] }),
      // Only what a request or a message caused: polls and migrations would drown it.
      new PgInstrumentation({ requireParentSpan: true }),
      new UndiciInstrumentation({ ignoreRequestHook: (request) => request.origin?.includes(collector) ?? false }),
    ],
  });
  sdk.start();
  // service-kit shuts it down last; a symbol, since main must not import this file.
  globalThis[Symbol.for('flotilla.otel.shutdown')] = () => Promise.all([sdk.shutdown(), metrics?.shutdown()]);
}
