import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helpText, SETTINGS_FILE, settingsDocument } from './config-help.ts';
import { ConfigError, listeningOn, loadConfig, printableConfig, SETTINGS } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'lovely-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Environment = Record<string, string>;
const load = (argv: string[] = [], env: Environment = {}) => loadConfig(argv, env, folder);

function problemsOf(argv: string[], env: Environment = {}): readonly string[] {
  try {
    load(argv, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return name;
}

describe('without any setting', () => {
  test('one process with all roles, the embedded parts and the local CA is configured', () => {
    expect(load()).toEqual({
      dataDir: join(folder, 'data'),
      listen: { host: '127.0.0.1', port: 8443 },
      httpListen: 'auto',
      publicUrl: 'https://localhost:8443',
      roles: ['hub', 'api', 'worker'],
      databaseUrl: undefined,
      natsUrl: undefined,
      blobsUrl: `file://${folder}/data/blobs`,
      mail: undefined,
      tls: undefined,
      trustedProxies: [],
      metricsToken: undefined,
      limitFactor: 1,
      webhooksAllowPrivate: false,
      oidcAllowPrivate: false,
      admin: undefined,
      logLevel: 'info',
      heartbeatMs: 120_000,
      offlineAfterMs: 30_000,
      cloneQuietMs: 600_000,
      historyDays: { raw: 7, '5min': 90, '1h': 730 },
    });
  });

  test('the result is frozen throughout', () => {
    const config = load();
    for (const part of [config, config.listen, config.roles]) expect(Object.isFrozen(part)).toBe(true);
  });
});

describe('precedence', () => {
  const config = file('precedence.json', '{"listen": "127.0.0.1:3", "log-level": "error", "heartbeat-ms": 5000}');

  test('a flag wins over the environment, that over the file, that over the default', () => {
    const loaded = load(['--listen', '127.0.0.1:1'], {
      LOVELY_CONFIG: config,
      LOVELY_LISTEN: '127.0.0.1:2',
      LOVELY_LOG_LEVEL: 'warn',
    });
    expect(loaded.listen.port).toBe(1);
    expect(loaded.logLevel).toBe('warn');
    expect(loaded.heartbeatMs).toBe(5000);
    expect(loaded.offlineAfterMs).toBe(30_000);
  });

  test('an empty text names nothing, so the next source counts', () => {
    expect(load(['--listen='], { LOVELY_LISTEN: '', LOVELY_CONFIG: config }).listen.port).toBe(3);
  });

  test('lovely.json in the folder of the start is read without being named', () => {
    const name = file('lovely.json', '{"log-level": "debug"}');
    try {
      expect(load().logLevel).toBe('debug');
    } finally {
      rmSync(join(folder, name));
    }
  });
});

describe('values', () => {
  test('flags are written with a space or with an equals sign', () => {
    expect(load(['--data-dir', 'a']).dataDir).toBe(join(folder, 'a'));
    expect(load(['--data-dir=/b']).dataDir).toBe('/b');
  });

  test('an IPv6 address stands in brackets', () => {
    expect(load(['--listen', '[::1]:443']).listen).toEqual({ host: '::1', port: 443 });
  });

  test('roles keep one order and stand once', () => {
    const urls = { LOVELY_NATS_URL: 'nats://n:4222', LOVELY_DATABASE_URL: 'postgres://u@d/l' };
    expect(load(['--roles', 'worker, hub,hub'], urls).roles).toEqual(['hub', 'worker']);
  });

  test('the local URL follows the port, also one that is known only when listening', () => {
    expect(load(['--listen', '0.0.0.0:443']).publicUrl).toBe('https://localhost');
    expect(listeningOn(load(['--listen', '127.0.0.1:0']), 4711)).toMatchObject({
      publicUrl: 'https://localhost:4711',
      listen: { host: '127.0.0.1', port: 4711 },
    });
    const given = load(['--listen', '127.0.0.1:0', '--public-url', 'https://lovely.example.com/']);
    expect(listeningOn(given, 4711).publicUrl).toBe('https://lovely.example.com');
  });

  test.each([
    ['--listen', '8443'],
    ['--listen', 'localhost:65536'],
    ['--listen', '::1:443'],
    ['--http-listen', '0.0.0.0:8080'],
    ['--http-listen', '192.168.1.2:8080'],
    ['--public-url', 'http://localhost:8443'],
    ['--public-url', 'https://lovely.example.com/path'],
    ['--roles', 'hub,apo'],
    ['--database-url', 'mysql://host/db'],
    ['--nats-url', 'nats://a:4222,http://b'],
    ['--blobs-url', './blobs'],
    ['--blobs-url', 'file://blobs'],
    ['--log-level', 'loud'],
    ['--heartbeat-ms', '30s'],
    ['--heartbeat-ms', '1'],
  ])('%s %s is refused, with what is wanted', (flag, value) => {
    const problems = problemsOf([flag, value]);
    expect(problems[0]).toStartWith(flag);
    expect(problems[0]).toContain('must be');
  });
});

describe('what does not fit together is refused', () => {
  test.each([
    [['--tls-cert', 'a.pem'], 'LOVELY_TLS_CERT and LOVELY_TLS_KEY belong together'],
    [['--tls-key', 'a.pem'], 'LOVELY_TLS_CERT and LOVELY_TLS_KEY belong together'],
    [['--admin-email', 'a@b.c'], 'LOVELY_ADMIN_EMAIL and LOVELY_ADMIN_PASSWORD belong together'],
    [['--roles', 'hub'], 'give LOVELY_NATS_URL and LOVELY_DATABASE_URL too'],
    [['--roles', 'hub,api', '--database-url', 'postgres://u@d/l'], 'give LOVELY_NATS_URL too'],
  ])('%p', (argv, problem) => {
    expect(problemsOf(argv)).toEqual([expect.stringContaining(problem)]);
  });
});

describe('unknown names', () => {
  test.each([
    ['a flag', ['--databse-url', 'x'], {}, 'The flag --databse-url is not known: did you mean --database-url?'],
    ['a flag with a value', ['--role=hub'], {}, 'The flag --role is not known: did you mean --roles?'],
    [
      'a variable',
      [],
      { LOVELY_DATADIR: 'x' },
      'The variable LOVELY_DATADIR is not known: did you mean LOVELY_DATA_DIR?',
    ],
    [
      'something far off',
      ['--zzzz', 'x'],
      {},
      'The flag --zzzz is not known: take it out, or see --help for the known ones.',
    ],
  ] as const)('%s gets the nearest known name', (_, argv, env, problem) => {
    expect(problemsOf([...argv], env)).toEqual([problem]);
  });

  test('a key in the file gets the nearest known name', () => {
    const problems = problemsOf(['--config', file('keys.json', '{"data_dir": "x"}')]);
    expect(problems).toEqual([`The key data_dir in ${join(folder, 'keys.json')} is not known: did you mean data-dir?`]);
  });

  test('variables of other programs are left alone', () => {
    expect(problemsOf([], { LOVE: 'x', PATH: '/bin' })).toEqual([]);
  });
});

describe('the command line and the file', () => {
  test.each([
    [['serve'], 'Argument 1 of the command line belongs to no flag'],
    [['--listen'], '--listen needs a value'],
    [['--listen', '--roles', 'hub,api,worker'], '--listen needs a value'],
    [['--log-level', 'info', '--log-level', 'warn'], '--log-level stands twice'],
    [['--config', 'nowhere.json'], "nowhere.json can't be read (ENOENT)"],
    [['--config', file('broken.json', '{"listen": ')], 'is not a JSON map'],
    [['--config', file('list.json', '[]')], 'is not a JSON map'],
    [['--config', file('type.json', '{"listen": true}')], 'must be a text or a number'],
    [['--config', file('config.json', '{"config": "other.json"}')], 'The key config'],
  ])('%p is refused', (argv, problem) => {
    expect(problemsOf(argv)).toEqual([expect.stringContaining(problem)]);
  });

  test('all problems are told at once', () => {
    expect(
      problemsOf(['--listen', 'x', '--rols', 'hub'], { LOVELY_HEARTBEAT_MS: 'x', LOVELY_TLS_KEY: 'k' }),
    ).toHaveLength(4);
  });
});

describe('secrets', () => {
  const SECRET = 'hunter2-hunter2';

  test.each([
    ['a short password', ['--admin-email', 'a@b.c', '--admin-password', 'hunter2']],
    ['a bad database URL', ['--database-url', `mysql://u:${SECRET}@d/l`]],
    ['a bad NATS URL', ['--nats-url', `http://u:${SECRET}@d`]],
    ['a bad blobs URL', ['--blobs-url', `http://u:${SECRET}@d`]],
    ['a misspelt flag', ['--admin-pasword', SECRET]],
    ['a misspelt flag with an equals sign', [`--admin-pasword=${SECRET}`]],
    ['a password without its flag', [SECRET]],
    ['a broken file', ['--config', file('secret.json', `{"admin-password": ${SECRET}}`)]],
  ])('%s stays out of the message', (_, argv) => {
    const problems = problemsOf(argv);
    expect(problems).not.toBeEmpty();
    expect(problems.join()).not.toContain('hunter2');
  });

  test('the printable settings hold none', () => {
    const config = load(['--admin-email', 'a@b.c', '--admin-password', SECRET], {
      LOVELY_DATABASE_URL: `postgres://u:${SECRET}@db:5432/lovely?password=${SECRET}`,
      LOVELY_NATS_URL: `nats://u:${SECRET}@n1:4222,nats://u:${SECRET}@n2:4222`,
      LOVELY_BLOBS_URL: `s3://key:${SECRET}@bucket/prefix?endpoint=https://s3.example.com`,
      LOVELY_SMTP_URL: `smtps://u:${SECRET}@mail:465`,
      LOVELY_MAIL_FROM: 'Lovely <lovely@example.com>',
    });
    const printed = JSON.stringify(printableConfig(config));
    expect(printed).not.toContain(SECRET);
    for (const place of [
      'postgres://db:5432/lovely',
      'nats://n2:4222',
      's3://bucket/prefix',
      'smtps://mail:465',
      'a@b.c',
    ])
      expect(printed).toContain(place);
  });
});

describe('the catalogue', () => {
  test('is what --help prints', () => {
    for (const { name, comment } of Object.values(SETTINGS)) {
      expect(helpText()).toContain(name);
      expect(helpText()).toContain(comment);
    }
  });

  test('is docs/settings.md (else run: bun packages/server/src/config-help.ts)', async () => {
    expect(await Bun.file(SETTINGS_FILE).text()).toBe(settingsDocument());
  });
});
