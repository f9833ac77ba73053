import { describe, expect, test } from 'vitest';
import { fromAnswer, fromThrown, Problem } from './problem';

const BODY = {
  type: '/docs/problems#version_conflict',
  title: 'The version is taken by other bytes',
  status: 409,
  code: 'version_conflict',
  detail: 'demo/minilm@1.0.0 is published with another digest',
  remedy: 'Publish under a new version.',
  retryable: false,
};

describe('problems', () => {
  test('keep what the server said', () => {
    const problem = fromAnswer(409, BODY);
    expect(problem.code).toBe('version_conflict');
    expect(problem.body).toEqual(BODY);
    expect(fromThrown(problem)).toBe(problem);
  });

  test('are made of what a proxy answered in its place', () => {
    const problem = fromAnswer(502, '<html>Bad gateway</html>');
    expect(problem.code).toBe('unexpected_answer');
    expect(problem.retryable).toBe(true);
    expect(fromAnswer(403, null).retryable).toBe(false);
  });

  test('tell a server that is gone from a bug of the page', () => {
    expect(fromThrown(new TypeError('Failed to fetch')).code).toBe('server_unreachable');
    expect(fromThrown(new TypeError('x is undefined')).code).toBe('page_failed');
    expect(fromThrown('thrown text').body.detail).toBe('thrown text');
    expect(fromThrown(new Error('no')).body.remedy).not.toBe('');
    expect(fromThrown(new Error('no'))).toBeInstanceOf(Problem);
  });
});
