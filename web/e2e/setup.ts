import { fillWithDemo } from './demo';
import { fillLarge } from './large';
import { Publisher } from './publisher';
import { fillRegistry } from './registry';
import { type Server, startServer } from './server';

/**
 * Starts two registries: one with the demo's modules and one of everything that the pages show, one with
 * a thousand generated modules. What it returns stops them.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const started: Server[] = [];
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
  };
  try {
    const start = async () => {
      const server = await startServer();
      started.push(server);
      return server;
    };
    const real = await start();
    const large = await start();
    await Promise.all([
      fillRegistry(new Publisher(real.url, real.token)).then(() => fillWithDemo(real)),
      fillLarge(large),
    ]);
    process.env.CAMBIUM_E2E_URL = real.url;
    process.env.CAMBIUM_E2E_TOKEN = real.token;
    process.env.CAMBIUM_E2E_LARGE_URL = large.url;
    process.env.CAMBIUM_E2E_LARGE_TOKEN = large.token;
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
