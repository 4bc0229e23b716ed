import type { Bench } from '../bench.js';
import { type Contender, etcd, local, portkv, webdis } from '../contenders.js';
import { installed } from '../processes.js';
import { table } from '../report.js';
import { msets, pages, readOne, transactions, writeMany } from '../workloads.js';

const redis = installed('redis-server', 'webdis');
const hasEtcd = installed('etcd');

export async function reads(bench: Bench): Promise<void> {
  const rows = await bench.compare('One value of 100 bytes, read by 64 connections', readOne, [
    local('bare'),
    local('express'),
    local('unstorage-memory'),
    portkv('lmdb'),
    portkv('json-file'),
    portkv('memory'),
    ...(redis ? [webdis(false)] : []),
    ...(hasEtcd ? [etcd()] : []),
  ]);
  bench.addRatio(rows, 'GET one value, lmdb, against bare node:http', 'portkv lmdb', 'bare', 0.8);
  bench.addRatio(rows, 'GET one value, lmdb, against unstorage on memory', 'portkv lmdb', 'unstorage-memory', 1);
  bench.addRatio(rows, 'GET one value, lmdb, against express doing nothing', 'portkv lmdb', 'express', 4.5);
  bench.addChart('read', 'Reads a second, 64 connections', rows);
}

export async function writes(bench: Bench): Promise<void> {
  const rows = await bench.compare('Values of 100 bytes, written by 64 connections', writeMany(100), [
    local('bare'),
    local('express'),
    local('unstorage-memory'),
    local('unstorage-fs'),
    portkv('lmdb'),
    portkv('json-file'),
    portkv('memory'),
    ...(redis ? [webdis(true)] : []),
    ...(hasEtcd ? [etcd()] : []),
  ]);
  const bare = 'bare';
  bench.addRatio(rows, 'durable PUT, lmdb, against bare node:http reading the body', 'portkv lmdb', bare, 0.6);
  bench.addRatio(
    rows,
    'durable PUT, json-file, against bare node:http reading the body',
    'portkv json-file',
    bare,
    0.6,
  );
  bench.addRatio(rows, 'durable PUT, lmdb, against etcd’s gateway', 'portkv lmdb', 'etcd gateway', 1.4);
  const notDurable = ['unstorage-memory', 'portkv memory'];
  const durable = rows.filter(({ name }) => !notDurable.includes(name));
  bench.addChart('write', 'Durable writes a second, 64 connections', durable);
}

export async function manyAtOnce(bench: Bench): Promise<void> {
  const lmdb: Contender = await portkv('lmdb');
  const rival: Contender | undefined = redis ? await webdis(true) : undefined;
  const [many, single, listed] = [
    'transactions of 100 puts, portkv lmdb',
    'single puts, portkv lmdb',
    'pages of 100 items, portkv lmdb',
  ];
  const [mset, set] = ['MSET of 100, webdis + Redis, fsync', 'single SETs, webdis + Redis, fsync'];
  const runs = [
    { contender: lmdb, workload: transactions, name: many },
    { contender: lmdb, workload: writeMany(100), name: single },
    { contender: lmdb, workload: pages, name: listed },
  ];
  if (rival !== undefined) {
    runs.push(
      { contender: rival, workload: msets, name: mset },
      { contender: rival, workload: writeMany(100), name: set },
    );
  }
  const rows = await bench.interleaved(runs, 64);
  bench.addSection('Many entries at once', table(rows));
  // One transaction counts as 100 entries.
  const entries = 'entries a second in transactions of 100 puts';
  bench.addRatio(rows, `${entries}, against single PUTs`, many, single, 15, 100);
  bench.addRatio(rows, `${entries}, against single SETs by webdis + Redis, fsync`, many, set, 3, 100);
  bench.addRatio(rows, `${entries}, against MSET of 100 by webdis + Redis, fsync`, many, mset, 3);
  await Promise.all([lmdb.stop(), rival?.stop()]);
}
