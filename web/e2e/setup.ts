import { Publisher } from './publisher';
import { fillRegistry } from './registry';
import { startServer } from './server';

/** Starts the server and fills it; what it returns stops it. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startServer();
  process.env.CAMBIUM_E2E_URL = server.url;
  try {
    await fillRegistry(new Publisher(server.url, server.token));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server.stop;
}
