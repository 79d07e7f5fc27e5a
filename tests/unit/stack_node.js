// Every JavaScript call path that the stacks half reports, against what V8 itself says of its frames.
//
//     node stack_node.js PROBE-ADDON
//
// Prints nothing and exits with 0 when all agree.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const { Worker, isMainThread, workerData, parentPort } = require('worker_threads');

const addonFile = isMainThread ? process.argv[2] : workerData;
const addon = require(addonFile);
const failures = [];
let checked = 0;
Error.stackTraceLimit = 400;

function check() {
    const text = addon.probe();
    const expected = sites(check).map((s) => `${path.basename(s.file)}:${s.line}(${s.name})`);
    const found = text.split(/(?<=[*)]) (?=\*|[^ ]*:\d+\()/).filter((part) => part !== '*').slice(1);
    checked++;
    if (found.length === 0 || found.some((part, i) => part !== expected[i]) || (found.length < expected.length && found.length < 190))
        failures.push([found, expected]);
    return text;
}

// Synchronous frames only: V8's text shows where an async function was awaited too.
function sites(below) {
    const prepare = Error.prepareStackTrace;
    Error.prepareStackTrace = (_, list) => list;
    const holder = {};
    Error.captureStackTrace(holder, below);
    const list = holder.stack;
    Error.prepareStackTrace = prepare;
    return list.filter((site) => site.getLineNumber() && !site.isAsync() && !site.isPromiseAll()).map((site) => ({
        file: site.getFileName() || '<anonymous>',
        line: site.getLineNumber(),
        name: site.getFunctionName() || '<anonymous>',
    }));
}

class Post {
    #secret() { return check(); }
    get author() { return check(); }
    set title(value) { check(); }
    static make() { check(); return new Post(); }
    constructor() { check(); }
    hidden() { return this.#secret(); }
    *[Symbol.iterator]() { check(); yield 1; check(); }
    toString() { check(); return 'post'; }
    toJSON() { check(); return 1; }
}

function recursive(depth) { return depth === 0 ? check() : [recursive(depth - 1)]; }
function* generator(n) { for (let i = 0; i < n; i++) { check(); yield i; } }
function* delegating(n) { yield* generator(n); }
function withFinally() {
    try { throw new Error('x'); } catch (e) { check(); } finally { check(); }
}
function overLines(a) {
    return check(
        a,
        check(),
    );
}
function hot() {
    // compiled, and inlined into its caller
    const leaf = (i) => (i % 1000 === 0 ? check() : i);
    let sum = 0;
    for (let i = 0; i < 20000; i++) sum += typeof leaf(i) === 'string' ? 1 : i;
    return sum;
}
async function deep(depth) {
    check();
    if (depth) await deep(depth - 1);
    await null;
    return check();
}
const arrow = () => check();

const shapes = [
    () => new Post().author, () => { new Post().title = 1; }, () => Post.make(), () => new Post().hidden(), () => [...new Post()],
    () => `${new Post()}`, () => JSON.stringify([new Post()]), () => recursive(Math.floor(Math.random() * 40)), () => recursive(2),
    () => [...generator(3)], () => [...delegating(3)], withFinally, overLines, hot, arrow, () => [3, 1, 2].sort((a, b) => { check(); return a - b; }),
    () => [1, 2].map(check), () => [1, 2].forEach((x) => check(x)), () => 'abc'.replace(/b/, () => check()), () => Reflect.apply(recursive, null, [1]),
    () => recursive.bind(null, 2)(), () => recursive.call(null, 1), () => new Proxy({}, { get: () => check() }).x, () => addon.call(() => recursive(1)),
    () => addon.call(function named() { return addon.call(check); }), () => eval('check()'), () => new Function('f', 'return f()')(check),
    () => new Map([[1, 2]]).forEach(() => check()), () => Array.from([1], () => check()),
];

function fromFiles() {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'n1-node-'));
    ['ascii.js', 'café.js', '文書.js', '\u{1f40d}.js'].forEach((name, i) => {
        fs.writeFileSync(path.join(directory, name), `// a comment\nmodule.exports = function été${i}(check) { return check(); };\n`);
        require(path.join(directory, name))(check);
    });
    fs.rmSync(directory, { recursive: true });
}

function deepest(n, then) { return n > 0 ? deepest(n - 1, then) : then(); }

async function main() {
    if (process.argv[3] === 'speed') {
        for (const depth of [5, 10, 30, 100]) {
            deepest(depth, () => {
                addon.many(100);
                const start = process.hrtime.bigint();
                addon.many(100000);
                console.log(`${sites(main).length || depth} below main: ${Number(process.hrtime.bigint() - start) / 1e5} ns`);
            });
        }
        return;
    }
    fromFiles();
    recursive(1200);
    const foreign = addon.probeOnThread();
    if (foreign !== '*') failures.push([[foreign], ['foreign thread']]);
    for (let i = 0; i < 20; i++) {
        for (const shape of shapes) shape();
        await Promise.all([deep(2), deep(3)]);
        if (global.gc) global.gc();
    }
    await new Promise((done) => setTimeout(() => done(check()), 1));
    if (isMainThread) {
        const workers = [1, 2].map(() => new Promise((done, fail) => {
            const worker = new Worker(__filename, { workerData: addonFile });
            worker.on('message', (sent) => failures.push(...sent));
            worker.on('exit', done);
            worker.on('error', fail);
        }));
        await Promise.all(workers);
    } else {
        parentPort.postMessage(failures);
        return;
    }
    for (const [found, expected] of failures.slice(0, 3)) console.error(`found:    ${found.join(' ')}\nexpected: ${expected.join(' ')}`);
    if (failures.length || checked < 1000) {
        console.error(`${failures.length} of ${checked} stacks are wrong`);
        process.exitCode = 1;
    }
}
main();
