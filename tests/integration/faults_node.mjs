#!/usr/bin/env node
// A storage node and a worker of their own organisation, started by hand on small disks: the worker is frozen past its
// lease, the disks run full during upload, encoding and delivery. Nothing is lost, what happened is said, and it goes
// on when there is room.
// timeout: 600
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import {
  Browser, alive, answers, assertWhole, childrenOf, ctl, env, equal, freeze, freezeEncode, isStopped, jobs, makeClip, ok, pidOf,
  removeNow, run, show, signal, sql, sv, thaw, tusCreate, tusOffset, tusPatch, tusSend, until, value,
} from './faults_lib.mjs'

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-node-'))
const at = (...p) => path.join(dir, ...p)
const clip = at('clip.mp4')
const disks = { store: '96m', scratch: '400m' } // jobs want 256 MB of scratch
const children = new Map()
const teacher = new Browser()
const lectures = []
const places = { store: at('store'), scratch: [at('scratch'), path.join(env.state, 'scratch')] }
let course

// --- the node

const freePort = () =>
  new Promise((r) => {
    const s = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address()
      s.close(() => r(port))
    })
  })

function start(name, argv) {
  const log = fs.openSync(at(name + '.log'), 'a')
  const child = spawn('setpriv', ['--reuid=lectern', '--regid=lectern', '--clear-groups', ...argv], { stdio: ['ignore', log, log] })
  fs.closeSync(log)
  child.gone = new Promise((r) => child.on('exit', r))
  children.set(name, child)
}
const said = (name) => fs.readFileSync(at(name + '.log'), 'utf8')
const worker = () => children.get('workerd').pid

const quietly = (...words) => {
  try {
    return ctl(...words)
  } catch (e) {
    if (/taken|already/.test(e.stderr)) return ''
    throw e
  }
}

async function prepare() {
  makeClip(clip)
  const port = await freePort()
  for (const folder of ['run', 'node', 'tmp', 'store', 'scratch']) fs.mkdirSync(at(folder))
  for (const [folder, size] of Object.entries(disks)) {
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'lectern-faults', at(folder)], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`no small disk: ${stderr}`)
  }
  quietly('org', 'add', 'faults', '--name', 'School of Faults', '--parent', 'demo')
  quietly('course', 'add', 'faults', '--org', 'faults', '--name', 'Faults', '--visibility', 'hidden', '--staff', 'demo-lecturer')
  course = JSON.parse(ctl('course', 'list', '--json')).find((c) => c.slug === 'faults').id
  fs.writeFileSync(at('node/join.token'), ctl('node', 'token', '--org', 'faults', '--roles', 'worker,storage', '--uses', '2'))
  const url = `http://127.0.0.1:${port}`
  const conf = {
    base_url: env.url, core_url: env.url, store_url: url, node_name: 'faults', run_dir: at('run'), node_dir: at('node'),
    join_token_file: at('node/join.token'), store_root: at('store'), store_socket: at('run/store.sock'), store_min_free: '4M',
    authz_socket: at('run/authz.sock'), scratch_dir: at('scratch'),
  }
  fs.writeFileSync(at('lectern.conf'), Object.entries(conf).map(([k, v]) => `${k} = ${v}\n`).join(''))
  const words = { PORT: port, STATE: dir, RUN: at('run'), STORE: at('store'), CORE: env.url }
  const lighttpd = fs.readFileSync(path.join(env.src, 'contrib/lighttpd/storage.conf.in'), 'utf8')
  fs.writeFileSync(at('lighttpd.conf'), lighttpd.replace(/@([A-Z]+)@/g, (_, word) => words[word]) + '\nserver.bind = "127.0.0.1"\n')
  spawnSync('chown', ['-R', 'lectern:lectern', dir])
  for (const one of ['store', 'authz', 'noded', 'workerd']) start(one, [path.join(env.app, 'libexec/lectern/lectern-' + one), '-c', at('lectern.conf')])
  start('lighttpd', ['/usr/sbin/lighttpd', '-D', '-f', at('lighttpd.conf')])
  await until('the node to join', () => value("SELECT COUNT(*) FROM node WHERE name = 'faults' AND revoked_at IS NULL AND seen_at IS NOT NULL") === '2', 30)
  await until('its store', async () => (await fetch(url + '/store/v1/health')).status === 200, 30)
  await teacher.signIn('lecturer')
}

async function newUpload(title) {
  const lecture = await teacher.newLecture(course, title)
  lectures.push(lecture)
  return { lecture, ...(await teacher.open(lecture, 'CAM', clip)) }
}

// --- filling

const fill = (disk) => spawnSync('dd', ['if=/dev/zero', `of=${at(disk, 'filler')}`, 'bs=64k'])
const makeRoom = (disk) => fs.rmSync(at(disk, 'filler'))
const attempts = (lecture) =>
  sql(`SELECT g.attempt, n.name, g.outcome, COALESCE(g.error_code, ''), COALESCE(g.error_text, '') FROM job_log g JOIN job j ON j.id = g.job_id
    JOIN lecture l ON l.id = j.lecture_id JOIN node n ON n.id = g.node_id WHERE l.\`key\` = '${lecture}' AND j.kind = 'full' ORDER BY g.attempt`)
const failedFull = (lecture) => attempts(lecture).find(([, , outcome]) => outcome === 'failed')

// --- a worker frozen past its lease

async function frozenWorker() {
  const u = await newUpload('Frozen worker')
  await tusSend(u, clip)
  const encode = await freezeEncode(u.lecture, worker)
  await freeze([worker()])
  ok(true, 'a worker and its FFmpeg freeze in the middle of an encode')
  const second = await freezeEncode(u.lecture, () => pidOf('workerd'), 2)
  ok(attempts(u.lecture)[0][2] === 'lost', 'its lease runs out, another worker begins a second attempt', attempts(u.lecture))
  thaw([...encode, worker()])
  const { id } = jobs(u.lecture, 'full')[0]
  await until('the late report', () => said('workerd').split('\n').some((line) => line.includes('"job withdrawn"') && line.includes(`"job":${id}`) && line.includes('refused')), 20)
  ok(true, 'it wakes up: its late report is refused')
  await until('it to drop the job', () => !encode.some(alive) && !fs.existsSync(at('scratch', `${id}-1`)), 20)
  ok(true, 'it ends its FFmpeg and clears its scratch')
  equal(jobs(u.lecture, 'full')[0].state, 'running', 'the second attempt is not disturbed')
  thaw(second)
  await assertWhole(u.lecture, u.upload, clip, 'frozen worker', places)
  equal(attempts(u.lecture).map((a) => a[2]).join(), 'lost,done', 'one lost, one taken')
}

// --- disks that run full

async function fullDuringUpload() {
  const u = await newUpload('Full during upload')
  const bytes = fs.readFileSync(clip)
  fill('store')
  let answer = await tusCreate(u, bytes.length)
  let text = await answer.text()
  ok(answer.status === 507 && /not enough room/.test(text), 'no room: refused in words before the first byte', text)
  makeRoom('store')
  equal((await tusCreate(u, bytes.length)).status, 201, 'with room it begins')

  const pace = { slow: true }
  const part = at('store/spool', u.upload + '.part')
  const sent = tusPatch(u, bytes, 0, pace)
  await until('the first bytes', () => fs.statSync(part).size > 0)
  fill('store')
  pace.slow = false
  const end = await sent.catch((e) => ({ status: 0, text: e.message }))
  ok(end.status === 507 && /storage is full/i.test(end.text), 'the disk runs full in the middle: 507 and a sentence', end)
  const kept = await tusOffset(u)
  ok(kept > 0 && kept < bytes.length && fs.readFileSync(part).equals(bytes.subarray(0, kept)), 'what came is kept', kept)
  makeRoom('store')
  await tusSend(u, clip)
  await assertWhole(u.lecture, u.upload, clip, 'full during upload', places)
}

// The other workers are away, so that this one has to go on by itself.
async function alone(test) {
  sv('down', 'workerd')
  await until('the other worker to end', () => pidOf('workerd') === 0, 30)
  try {
    await test()
  } finally {
    sv('up', 'workerd')
  }
}

const fullDuring = (what, disk, sentence) => async () => {
  const u = await newUpload('Full during ' + what)
  await tusSend(u, clip)
  const encode = await freezeEncode(u.lecture, worker)
  fill(disk)
  thaw(encode)
  await until('the failure', () => failedFull(u.lecture))
  const [, , , code, text] = failedFull(u.lecture)
  ok(code === 'disk_full' && sentence.test(text), `${what}: disk_full, and a sentence`, { code, text })
  const l = show(u.lecture)
  equal(l.media, 'watchable', `${what}: what there was can be watched all the time`)
  ok(l.failures.some((f) => f.code === 'disk_full' && /disk|room/.test(f.sentence)), `${what}: the lecture says so, too`, l.failures)
  makeRoom(disk)
  await assertWhole(u.lecture, u.upload, clip, what, places)
}

async function fullDuringEncode() {
  await alone(fullDuring('encoding', 'scratch', /worker's disk is full/))
}
async function fullDuringDelivery() {
  await alone(fullDuring('delivery', 'store', /storage node's disk is full/))
}

// --- the end

async function sanitizers() {
  for (const name of children.keys()) {
    const report = said(name).match(/.*(ERROR: (Address|Leak)Sanitizer|runtime error:).*/)
    ok(!report, `${name}: no sanitizer report`, report?.[0])
  }
}

async function cleanUp() {
  if (!pidOf('workerd')) sv('up', 'workerd')
  for (const pid of childrenOf(pidOf('workerd') || process.pid)) if (isStopped(pid)) signal(pid, 'SIGCONT')
  for (const lecture of lectures) quietly('lecture', 'delete', lecture, '--now')
  for (const lecture of lectures) await removeNow(lecture).catch((e) => console.log('# ' + e.message))
  for (const [id] of sql("SELECT id FROM node WHERE name = 'faults' AND revoked_at IS NULL")) ctl('node', 'revoke', id)
  for (const child of children.values()) {
    child.kill('SIGCONT')
    child.kill('SIGTERM')
    await Promise.race([child.gone, new Promise((r) => setTimeout(r, 15000))])
    child.kill('SIGKILL')
  }
  for (const folder of Object.keys(disks)) spawnSync('umount', ['-l', at(folder)])
  if (!process.env.KEEP) fs.rmSync(dir, { recursive: true, force: true })
  await until('the other worker', () => answers('workerd'), 10)
}

const only = process.argv[2] // a part of a part's name
const parts = [frozenWorker, fullDuringUpload, fullDuringEncode, fullDuringDelivery]
await run([prepare, ...parts.filter((p) => !only || p.name.includes(only)), sanitizers], cleanUp)
