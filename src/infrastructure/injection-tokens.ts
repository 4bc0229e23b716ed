// Tokens for what adapters depend on and no class provides, bound in composition/container.ts.

/** The absolute path of the folder in which the server keeps its data. */
export const DataFolderPath = Symbol('DataFolderPath');

/** The folder of the configuration: paths of key files are relative to it. */
export const ConfigFolderPath = Symbol('ConfigFolderPath');

/** The version of the package. */
export const ServerVersion = Symbol('ServerVersion');

/** Whether requests need a key at all, independent of the settings. */
export const Authenticate = Symbol('Authenticate');
