/** Readers of single settings: each takes the text that was given and returns its value, or says what is wanted. */
import { isAbsolute, resolve } from 'node:path';
import { isNetwork } from './network.ts';

export type Reading<T> = { readonly value: T } | { readonly wants: string };
export type Reader<T> = (text: string, directory: string) => Reading<T>;

export interface Address {
  /** Without brackets, also for IPv6. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** An absolute path; a relative one is taken from the folder that the server is started in. */
export const path: Reader<string> = (given, directory) => ({
  value: isAbsolute(given) ? resolve(given) : resolve(directory, given),
});

export const address: Reader<Address> = (given) => {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(given);
  const port = Number(parts?.[3]);
  if (!parts || port > 65535) return { wants: 'host:port, for example 127.0.0.1:8443 or [::1]:8443' };
  return { value: { host: (parts[1] ?? parts[2])!, port } };
};

/** Plain HTTP must not leave this machine, so nothing but its own addresses are taken. */
export const loopbackAddress: Reader<Address | 'auto' | 'off'> = (given) => {
  if (given === 'auto' || given === 'off') return { value: given };
  const read = address(given, '');
  if ('value' in read && /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(read.value.host)) return read;
  return { wants: 'auto, off, or host:port with a host of this machine only: 127.0.0.1, localhost or [::1]' };
};

/** Scheme, host and port alone, without a slash at the end. */
export const httpsOrigin: Reader<string> = (given) => {
  const url = URL.parse(given);
  const isOrigin =
    url?.protocol === 'https:' && (url.pathname === '/' || url.pathname === '') && !url.search && !url.hash;
  if (!isOrigin || url.username)
    return { wants: 'https://host or https://host:port and nothing behind, for example https://lovely.example.com' };
  return { value: url.origin };
};

export const postgresUrl: Reader<string> = (given) => {
  const isGood = ['postgres:', 'postgresql:'].includes(URL.parse(given)?.protocol ?? '');
  return isGood ? { value: given } : { wants: 'a URL like postgres://user:password@host:5432/database' };
};

/** One URL, or several with commas between them. */
export const natsUrls: Reader<string> = (given) => {
  const isGood = given.split(',').every((part) => {
    const url = URL.parse(part.trim());
    return url !== null && ['nats:', 'tls:'].includes(url.protocol) && url.hostname !== '';
  });
  return isGood
    ? { value: given }
    : { wants: 'a URL like nats://user:password@host:4222, or several with commas between them' };
};

export const smtpUrl: Reader<string> = (given) => {
  const url = URL.parse(given);
  const isGood = url !== null && ['smtp:', 'smtps:'].includes(url.protocol) && url.hostname !== '';
  return isGood && /^\/?$/.test(url.pathname) && !url.search && !url.hash
    ? { value: given }
    : { wants: 'a URL like smtps://user:password@mail.example.com:465 or smtp://localhost:25' };
};

export const blobsUrl: Reader<string> = (given) => {
  const url = URL.parse(given);
  const isFolder = url?.protocol === 'file:' && url.hostname === '' && given.startsWith('file:///');
  const isBucket = url?.protocol === 's3:' && url.hostname !== '';
  return isFolder || isBucket
    ? { value: given }
    : { wants: 'a URL like file:///srv/lovely/blobs or s3://bucket/prefix' };
};

/** Networks or addresses with commas between them, or `none`. */
export const networks: Reader<readonly string[]> = (given) => {
  const list = given === 'none' ? [] : given.split(',').map((text) => text.trim());
  return list.every(isNetwork)
    ? { value: list }
    : { wants: 'none, or networks and addresses with commas between them, for example 10.0.0.0/8,192.0.2.7' };
};

export function integer(min: number, max: number): Reader<number> {
  return (given) => {
    const value = Number(given);
    const isGood = /^\d+$/.test(given) && value >= min && value <= max;
    return isGood ? { value } : { wants: `a whole number from ${min} to ${max}` };
  };
}

export function oneOf<const T extends string>(...known: readonly T[]): Reader<T> {
  return (given) => {
    const value = known.find((name) => name === given);
    return value === undefined ? { wants: `one of ${known.join(', ')}` } : { value };
  };
}

/** Names with commas between them, each at most once in the result, in the order of `known`. */
export function someOf<const T extends string>(...known: readonly T[]): Reader<readonly T[]> {
  return (given) => {
    const names = given.split(',').map((name) => name.trim());
    const isGood = names.every((name) => known.some((one) => one === name));
    return isGood
      ? { value: known.filter((name) => names.includes(name)) }
      : { wants: `one or more of ${known.join(', ')}, with commas between them` };
  };
}

/** An address, or a name with one in angle brackets. */
export const sender: Reader<string> = (given) =>
  /^(?:[^<>\r\n]+<[^\s@<>]+@[^\s@<>]+>|[^\s@<>]+@[^\s@<>]+)$/.test(given)
    ? { value: given }
    : { wants: 'an e-mail address, for example lovely@example.com or Lovely <lovely@example.com>' };

export const email: Reader<string> = (given) =>
  /^[^\s@]+@[^\s@]+$/.test(given) ? { value: given } : { wants: 'an e-mail address' };

export function textOfLength(min: number, max: number): Reader<string> {
  return (given) =>
    given.length >= min && given.length <= max ? { value: given } : { wants: `${min} to ${max} characters long` };
}
