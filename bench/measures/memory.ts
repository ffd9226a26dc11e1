import type { Bench } from '../bench.ts';

/** What node held at the server's start, and holds after all that the run asked of it before. PostgreSQL's is its own. */
export async function memory({ report, server, memoryAtStart, isWhole }: Bench): Promise<void> {
  const afterwards = await server.memory();
  report.figures('memory of the server’s process', [
    { name: 'right after its start, resident', value: memoryAtStart.now, unit: 'MB' },
    { name: 'after all measures before, resident', value: afterwards.now, unit: 'MB' },
    { name: 'the most ever, resident', value: afterwards.peak, unit: 'MB' },
  ]);
  if (isWhole) {
    report.goal('node’s memory after the run', afterwards.now, 'MB', { atMost: 200 });
  }
}
