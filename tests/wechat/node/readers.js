// Seals, opens and signs with two npm packages, one JSON question a line, one JSON answer a line.
// Knows nothing of ours: token, key and appid come with each question.
'use strict';

const readline = require('readline');
const WechatCrypto = require('wechat-crypto');
const wecom = require('@wecom/crypto');

const readers = {
  'wechat-crypto': (q) => {
    const own = new WechatCrypto(q.token, q.key, q.appid);
    return {
      seal: () => own.encrypt(q.text),
      open: () => own.decrypt(q.text),
      sign: () => own.getSignature(q.timestamp, q.nonce, q.text),
    };
  },
  '@wecom/crypto': (q) => ({
    seal: () => wecom.encrypt(q.key, q.text, q.appid),
    open: () => {
      const found = wecom.decrypt(q.key, q.text);
      return { message: found.message, id: found.id };
    },
    sign: () => wecom.getSignature(q.token, q.timestamp, q.nonce, q.text),
  }),
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const question = JSON.parse(line);
  const answer = readers[question.reader](question)[question.act]();
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
