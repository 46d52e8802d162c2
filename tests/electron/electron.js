// What the updater touches of Electron's main process, so that it runs under Node alone.
'use strict';

const { EventEmitter } = require('node:events');
const { readFile } = require('node:fs/promises');

const paths = new Map();

const app = Object.assign(new EventEmitter(), {
  isPackaged: true,
  getVersion: () => '1.0.0',
  getPath: (name) => paths.get(name),
  setPath: (name, path) => paths.set(name, path),
});

class BrowserWindow extends EventEmitter {
  // Like Electron's, it fails where there is no such file.
  async loadFile(path) {
    await readFile(path);
    this.file = path;
  }
}

module.exports = {
  app,
  BrowserWindow,
  globalShortcut: { unregister() {} },
  safeStorage: { isEncryptionAvailable: () => false },
};
