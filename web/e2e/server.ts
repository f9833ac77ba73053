// The real server on a data folder of its own, started and stopped.

import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, copyFile, link, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Server {
  readonly url: string;
  readonly token: string;
  /** Where its private PostgreSQL listens. */
  readonly socket: string;
  /** The programs that it was started from. */
  readonly program: string;
  /** Goes away, as for an update, and leaves its data. */
  readonly pause: () => Promise<void>;
  /** Comes back at the same address. */
  readonly resume: () => Promise<void>;
  /** Goes away for good. */
  readonly stop: () => Promise<void>;
}

/** Where cargo puts what it builds for tests. */
const BUILT = resolve(
  process.env.CAMBIUM_BIN ?? resolve('..', process.env.CARGO_TARGET_DIR ?? 'target', 'debug'),
);
/** The first start makes a database. */
const START_MS = 90_000;

export async function startServer(): Promise<Server> {
  // Started as root the server becomes another user, who must reach its programs and its data.
  const folder = await mkdtemp(join(tmpdir(), 'cambium-e2e-'));
  await chmod(folder, 0o755);
  const program = await place('cambium', folder);
  const smoke = await place('cambium-smoke', folder);
  const data = join(folder, 'data');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const said: string[] = [];
  const launch = async () => {
    const child = spawn(program, ['serve'], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        CAMBIUM_DATA: data,
        CAMBIUM_LISTEN: `127.0.0.1:${port}`,
        CAMBIUM_SMOKE: smoke,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    }
    await untilReady(url, child).catch(async (error: unknown) => {
      await ended(child);
      throw new Error(`the server did not start: ${String(error)}\n${said.join('')}`);
    });
    return child;
  };
  let child = await launch();
  const stop = async () => {
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const token = await tokenIn(data);
    return {
      url,
      token,
      socket: join(data, 'run'),
      program,
      pause: () => ended(child),
      resume: async () => {
        child = await launch();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function place(name: string, folder: string): Promise<string> {
  const [from, to] = [join(BUILT, name), join(folder, name)];
  await link(from, to).catch(() => copyFile(from, to));
  return to;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => probe.once('listening', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const ready = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    await sleep(100);
  }
  throw new Error('it was not ready in time');
}

/** The first admin's token, which is written soon after the server is ready. */
async function tokenIn(data: string): Promise<string> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const text = await readFile(join(data, 'admin-token'), 'utf8').catch(() => '');
    if (text.endsWith('\n')) return text.trim();
    if (Date.now() > deadline) throw new Error('it wrote no admin token');
    await sleep(100);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await exit;
  clearTimeout(killer);
}
