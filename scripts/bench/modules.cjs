// Required before a program (`node --require`): writes the modules of packages that the program had loaded when it ended, in
// the order in which it asked for them, as JSON into the file that BENCH_MODULES names.
const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  const modules = Object.keys(require.cache).filter((file) => file.includes('node_modules'));
  writeFileSync(process.env['BENCH_MODULES'], JSON.stringify(modules));
});
