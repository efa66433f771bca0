const fourlane = require('fourlane');
const worker = require('fourlane/worker');
const { everywhere } = require('./everywhere.mjs');

everywhere(fourlane, worker).then((results) => console.log(JSON.stringify(results)));
