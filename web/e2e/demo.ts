// The demo's modules, published by the script that `make run` uses.

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Server } from './server';

export async function fillWithDemo(server: Server): Promise<void> {
  await promisify(execFile)(resolve('../scripts/demo.sh'), {
    env: {
      ...process.env,
      CAMBIUM: server.program,
      CAMBIUM_URL: server.url,
      CAMBIUM_TOKEN: server.token,
    },
  });
}
