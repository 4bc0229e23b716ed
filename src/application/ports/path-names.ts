/** The names of files and folders of this machine in messages. */
export interface PathNames {
  /**
   * Replaces each path of a file of PortKV by what `nameOf` returns for its name in the data folder, and, with
   * `everyPath`, any other absolute path too. `at` is where in the text the path begins.
   */
  replace(text: string, everyPath: boolean, nameOf: (name: string, at: number) => string): string;
}
export const PathNames = Symbol('PathNames');
