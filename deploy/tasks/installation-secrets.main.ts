import { run } from './ending.ts';
import { secretsTask } from './installation-secrets.ts';
await run(() => secretsTask(process.argv.slice(2)));
