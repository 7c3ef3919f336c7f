import { run } from '@flotilla/tasks';
import { imageTask } from './image.ts';

await run(async () => imageTask(process.argv.slice(2)));
