import { startSandbox } from './app.js';
import { readConfig } from './config.js';

try {
  const sandbox = await startSandbox(readConfig(process.env));
  process.stdout.write(`${JSON.stringify({ level: 'info', msg: 'the outside world is there', httpPort: sandbox.httpPort, smtpPort: sandbox.smtpPort })}\n`);
  const end = (): void => {
    void sandbox.close().then(() => process.exit(0));
    // A connection that will not end must not keep the process.
    setTimeout(() => process.exit(0), 3_000).unref();
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
