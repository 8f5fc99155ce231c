'use strict';
// As much of Redis' protocol as the board needs: one question a connection.
const net = require('net');

const encode = (words) => `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

/** What [value, rest] the bytes begin with; undefined when there are too few. */
function decode(bytes) {
  const end = bytes.indexOf('\r\n');
  if (end < 0) return undefined;
  const kind = String.fromCharCode(bytes[0]);
  const head = bytes.toString('utf8', 1, end);
  let rest = bytes.subarray(end + 2);
  if (kind === '+' || kind === ':') return [head, rest];
  if (kind === '-') return [new Error(head), rest];
  if (kind === '$') {
    const size = Number(head);
    if (size < 0) return [null, rest];
    return rest.length < size + 2 ? undefined : [rest.toString('utf8', 0, size), rest.subarray(size + 2)];
  }
  const values = [];
  for (let left = Number(head); left > 0; left -= 1) {
    const found = decode(rest);
    if (!found) return undefined;
    values.push(found[0]);
    rest = found[1];
  }
  return [values, rest];
}

exports.ask = (where, password, words) => new Promise((resolve, reject) => {
  const connection = net.connect(where);
  let bytes = Buffer.alloc(0);
  connection.setTimeout(5000, () => connection.destroy(new Error('Redis does not answer')));
  connection.on('error', reject);
  connection.on('data', (data) => {
    bytes = Buffer.concat([bytes, data]);
    const login = decode(bytes);
    const answer = login && decode(login[1]);
    if (!answer) return;
    connection.end();
    if (answer[0] instanceof Error) reject(answer[0]);
    else resolve(answer[0]);
  });
  connection.write(encode(['AUTH', password]) + encode(words));
});
