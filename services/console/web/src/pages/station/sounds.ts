import type { Tone } from './station.js';

/** Notes of a tone: Hz, milliseconds, and the wave that tells them apart in a noisy hall. */
const notes: Readonly<Record<Tone, readonly (readonly [hertz: number, ms: number, wave: OscillatorType])[]>> = {
  ok: [[880, 90, 'sine']],
  duplicate: [[520, 60, 'triangle'], [520, 60, 'triangle']],
  wrong: [[196, 220, 'square'], [147, 380, 'square']],
  done: [[660, 80, 'sine'], [880, 80, 'sine'], [1320, 160, 'sine']],
};

let audio: AudioContext | undefined;

/** Plays a tone. Browsers are silent before the first key; a scan is one. */
export const play = (tone: Tone): void => {
  if (typeof AudioContext === 'undefined') return;
  audio ??= new AudioContext();
  if (audio.state === 'suspended') void audio.resume().catch(() => undefined);
  let at = audio.currentTime;
  for (const [hertz, ms, wave] of notes[tone]) {
    const oscillator = audio.createOscillator();
    const volume = audio.createGain();
    oscillator.type = wave;
    oscillator.frequency.value = hertz;
    volume.gain.setValueAtTime(wave === 'square' ? 0.12 : 0.3, at);
    // Without an end that fades it clicks.
    volume.gain.exponentialRampToValueAtTime(0.001, at + ms / 1_000);
    oscillator.connect(volume).connect(audio.destination);
    oscillator.start(at);
    oscillator.stop(at + ms / 1_000);
    at += ms / 1_000 + 0.03;
  }
};
