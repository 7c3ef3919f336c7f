// Ends what a task started when the task itself was killed: it holds the task's pipe, and the pipe's end is the signal.
// Lines: `add PID SIGNAL WAVE`, `del PID`. Higher waves end first (services before servers).
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const graceMs = 10_000;
const known = new Map();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [verb, pid, signal, wave] = line.split(' ');
    if (verb === 'add') known.set(Number(pid), { signal, wave: Number(wave), born: born(pid) });
    if (verb === 'del') known.delete(Number(pid));
  })
  .on('close', () => void reap());

async function reap() {
  const waves = [...new Set([...known.values()].map((entry) => entry.wave))].sort((a, b) => b - a);
  for (const wave of waves) {
    const pids = [...known].filter(([, entry]) => entry.wave === wave).map(([pid]) => pid);
    for (const pid of pids) send(pid, known.get(pid).signal);
    const until = Date.now() + graceMs;
    while (pids.some(lives) && Date.now() < until) await sleep(50);
    for (const pid of pids) send(pid, 'SIGKILL');
  }
  process.exit(0);
}

function lives(pid) {
  try {
    process.kill(pid, 0);
    return born(pid) === known.get(pid).born;
  } catch {
    return false;
  }
}

function send(pid, signal) {
  try {
    if (lives(pid)) process.kill(pid, signal);
  } catch {
    // It ended in between.
  }
}

/** A pid can be given out again; its start time tells the two apart where /proc is there. */
function born(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'gone' : fields[19];
  } catch {
    return undefined;
  }
}
