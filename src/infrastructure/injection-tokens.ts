// What adapters take that no class provides: tokens of the container, bound in composition/container.ts.

/** The absolute path of the folder in which the server keeps its data. */
export const DataFolderPath = Symbol('DataFolderPath');

/** The folder of the configuration: paths of key files are relative to it. */
export const ConfigFolderPath = Symbol('ConfigFolderPath');

/** The version of the package. */
export const ServerVersion = Symbol('ServerVersion');

/** Whether requests need a key at all, whatever the settings are. */
export const Authenticate = Symbol('Authenticate');
