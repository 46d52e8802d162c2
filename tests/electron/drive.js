// One start of an app that updates itself: `node drive.js <server> <app id> <its folder>`.
//
// It runs the published client as that asks to be run, lets its timer fire once, and prints a line of JSON for each step.
'use strict';

const { readdirSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

// standard output is for our lines alone
globalThis.console = new console.Console(process.stderr);

const { app, BrowserWindow } = require('electron');
const { ElectronUpdater } = require('@capgo/electron-updater');

const EVENTS = ['appReloaded', 'downloadComplete', 'downloadFailed', 'noNeedUpdate', 'updateAvailable', 'updateFailed'];

const say = (step, details) => process.stdout.write(`${JSON.stringify({ step, ...details })}\n`);

// The client checks by itself only on a timer of ten minutes or more. Returns what that timer would call.
async function initialize(updater, window) {
  const { setInterval } = globalThis;
  let check;
  globalThis.setInterval = (callback) => {
    check = callback;
  };
  try {
    await updater.initialize(window, join(__dirname, 'www', 'index.html'));
  } finally {
    globalThis.setInterval = setInterval;
  }
  return check;
}

// What the page could load: each file below its folder, by path.
function filesAround(page) {
  const root = dirname(page);
  const below = (folder) =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? below(path) : [[path, readFileSync(join(root, path), 'utf8')]];
    });
  return Object.fromEntries(below(''));
}

async function run(server, appId, folder) {
  app.setPath('userData', folder);
  const updater = new ElectronUpdater({
    appId,
    updateUrl: `${server}/updates`,
    statsUrl: `${server}/stats`,
    channelUrl: '',
    autoUpdate: true,
    periodCheckDelay: 600,
  });
  for (const event of EVENTS) updater.addListener(event, (details) => say(event, details));

  const window = new BrowserWindow();
  const check = await initialize(updater, window);
  await window.loadFile(updater.getCurrentBundlePath());
  const { bundle } = await updater.notifyAppReady();
  say('runs', { bundle, files: filesAround(window.file) });

  say('answered', { answer: await updater.getLatest() });
  await check();
  say('next', { bundle: await updater.getNextBundle() });
  app.emit('before-quit');
}

run(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
