import { Presets, SingleBar } from 'cli-progress';

const EVERY_MS = 1000;

/** What a long command tells on standard error of how far it is, and whatever else it has to say. */
export interface Progress {
  say(text: string): void;
  report(done: number, total: number): void;
  /** Tells the last that was reported, unless it was told. */
  end(): void;
}

/** On a terminal a bar; elsewhere a line a second at the most. */
export function progressLine(what: string): Progress {
  return process.stderr.isTTY ? bar(what) : lines(what);
}

function bar(what: string): Progress {
  const single = new SingleBar(
    { format: `{bar} {value} of {total} ${what}, {eta_formatted} to go`, stream: process.stderr, hideCursor: true },
    Presets.rect,
  );
  let isDrawn = false;
  return {
    say(text) {
      // Over the bar, which is drawn anew below it.
      process.stderr.write(isDrawn ? `\r\x1b[K${text}\n` : `${text}\n`);
      single.render();
    },
    report(done, total) {
      if (!isDrawn) {
        isDrawn = true;
        single.start(total, done);
      }
      single.setTotal(total);
      single.update(done);
    },
    end() {
      if (isDrawn) {
        single.stop();
      }
    },
  };
}

function lines(what: string): Progress {
  const begin = performance.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  let last: readonly [number, number] | undefined;
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const tell = (done: number, total: number) => {
    const seconds = Math.max((performance.now() - begin) / 1000, 0.001);
    say(`${done} of ${total} ${what}, ${Math.round(done / seconds)} a second`);
    last = undefined;
  };
  return {
    say,
    report(done, total) {
      last = [done, total];
      if (performance.now() - toldAt >= EVERY_MS) {
        toldAt = performance.now();
        tell(done, total);
      }
    },
    end() {
      if (last !== undefined) {
        tell(...last);
      }
    },
  };
}
