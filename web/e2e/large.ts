// A thousand generated modules, put straight into the database: published one by one they would take an hour.

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Server } from './server';

const GENERATED = resolve('../tests/fixtures/large_registry.sql');

export async function fillLarge(server: Server): Promise<void> {
  await promisify(execFile)('psql', [
    ...['--host', server.socket, '--username', 'cambium', '--dbname', 'cambium'],
    ...['--no-psqlrc', '--quiet', '--single-transaction', '--set', 'ON_ERROR_STOP=1'],
    ...['--file', GENERATED],
  ]);
}
