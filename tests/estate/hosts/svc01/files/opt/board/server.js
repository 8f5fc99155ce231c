'use strict';
// The notice board: what people wrote is kept in Redis.
const fs = require('fs');
const http = require('http');
const { execFile } = require('child_process');
const { render } = require('markup');
const redis = require('./redis');

const settings = JSON.parse(fs.readFileSync('/etc/board/board.json', 'utf8'));
const ask = (...words) => redis.ask(settings.redis, process.env.REDIS_PASSWORD, words);

function calculate(text, done) {
  const child = execFile(settings.calculator, ['-q', '-l'], { timeout: 5000 }, done);
  child.stdin.end(`${text}\n`);
}

async function answer(request, response) {
  const url = new URL(request.url, 'http://board');
  if (url.pathname === '/') {
    const notices = await ask('LRANGE', 'notices', '0', '-1');
    const motto = await ask('GET', 'motto');
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(render(motto, notices, ['/environment', '/version', '/calculate?q=2^64']));
  } else if (url.pathname === '/environment') {
    const number = new Intl.NumberFormat('de-DE').format(1234567.5);
    response.end(`${new Date(0).toString()} ${number} ${process.env.LANG}\n`);
  } else if (url.pathname === '/version') {
    // Loaded when it is first asked for.
    const semver = require('semver');
    response.end(`${semver.satisfies('2.3.4', '^2.1.0')}\n`);
  } else if (url.pathname === '/calculate') {
    calculate(url.searchParams.get('q') || '0', (error, output) => {
      response.statusCode = error ? 500 : 200;
      response.end(error ? 'failed\n' : output);
    });
  } else if (url.pathname === '/notices' && request.method === 'POST') {
    let text = '';
    for await (const part of request) text += part;
    await ask('RPUSH', 'notices', text);
    response.statusCode = 201;
    response.end('kept\n');
  } else {
    response.statusCode = 404;
    response.end('no such page\n');
  }
}

http.createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error.message);
    response.statusCode = 500;
    response.end('failed\n');
  });
}).listen(settings.port);
process.on('SIGTERM', () => process.exit(0));
