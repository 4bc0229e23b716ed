import { IsObject } from 'class-validator';
import { Described, OneOf } from '../../validation/setting-rules.js';

/** Where several servers share their projects, keys and settings. */
export class RegistrySettings {
  @Described('What the registry is kept on: etcd or postgres.')
  @OneOf(['etcd', 'postgres'])
  engine!: 'etcd' | 'postgres';

  @Described('How it is reached: the options of that engine, such as url.')
  @IsObject({ message: 'must be an object' })
  options!: Record<string, unknown>;
}
