#!/usr/bin/env node
// Every process killed with -9 at every stage of a recording's way, the database away, Redis away: what was sent
// arrives, one attempt is committed, nothing is left over, everything runs again. Each stage is reached and held
// by freezing who would go on, never by timing.
// timeout: 600
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {
  Browser, alive, answers, assertWhole, childrenOf, ctl, env, equal, freeze, freezeEncode, get, isStopped, jobIs, jobs, killOne,
  makeClip, mediaIs, ok, pidOf, run, services, sleep, sql, status, sv, thaw, tusOffset, tusSend, until, value,
} from './faults_lib.mjs'

const tmp = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-faults-'))
const clip = path.join(tmp, 'clip.mp4') // small, so that it is encoded in seconds
const large = path.join(tmp, 'large.mp4') // takes long enough on its way to be caught there
const store = path.join(env.state, 'store')
const teacher = new Browser()
const lectures = []
let course

const newUpload = async (title, file, view = 'CAM') => {
  const lecture = await teacher.newLecture(course, title)
  lectures.push(lecture)
  return { lecture, file, ...(await teacher.open(lecture, view, file)) }
}
const spool = (u, suffix) => path.join(store, 'spool', u.upload + suffix)
const sizeOf = (file) => (fs.existsSync(file) ? fs.statSync(file).size : 0)

// --- how a lecture gets to a stage and is held there. Each gives {upload, still(), release()}: still() waits until the
// --- stage is (again) what its name says.

async function midPatch() {
  const u = await newUpload('Mid-PATCH', clip)
  const pace = { slow: true }
  const sent = tusSend(u, clip, pace)
  let seen = 0
  return {
    u,
    still: () =>
      until('bytes to arrive', () => {
        const now = sizeOf(spool(u, '.part'))
        const more = now > seen
        if (more) seen = now
        return more
      }),
    release: async () => {
      const before = await tusOffset(u)
      ok(before > 0 && before < sizeOf(clip), 'mid-PATCH: it was in the middle all the time', before)
      pace.slow = false
      await sent
    },
  }
}

async function notAnnounced() {
  const u = await newUpload('Not announced', clip)
  await freeze(pidOf('noded'))
  await tusSend(u, clip)
  return {
    u,
    still: () =>
      until('a whole upload that the core does not know', () =>
        fs.existsSync(spool(u, '.full')) && value(`SELECT COUNT(*) FROM source s JOIN upload u ON u.id = s.upload_id WHERE u.\`key\` = '${u.upload}'`) === '0'),
  }
}

async function leased() {
  const u = await newUpload('Leased', clip)
  await freeze(pidOf('workerd'))
  await tusSend(u, clip)
  await until('a lease', () => {
    sql('UPDATE node SET seen_at = UTC_TIMESTAMP(3) WHERE roles = 1 AND revoked_at IS NULL')
    return jobIs(u.lecture, 'probe', 'leased')
  })
  sql(`UPDATE job SET lease_expires = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE id = ${jobs(u.lecture, 'probe')[0].id}`)
  return { u, still: () => until('the lease', () => jobIs(u.lecture, 'probe', 'leased')) }
}

async function midEncode() {
  const u = await newUpload('Mid-encode', clip)
  await tusSend(u, clip)
  const children = await freezeEncode(u.lecture, () => pidOf('workerd'))
  return {
    u,
    still: () => until('the encode', () => children.every(isStopped) && jobIs(u.lecture, 'full', 'running')),
    release: async () => {
      await until('FFmpeg to end with its worker', () => !children.some(alive), 10)
      ok(true, 'mid-encode: no FFmpeg outlives its worker')
    },
  }
}

const halfPut = (lecture) => {
  const dir = path.join(store, 'incoming', lecture)
  if (!fs.existsSync(dir)) return false
  return fs.readdirSync(dir).some((job) => fs.readdirSync(path.join(dir, job)).some((f) => f.endsWith('.tmp') && sizeOf(path.join(dir, job, f)) > 0))
}

// A worker beside its store writes there itself: it is let go on a few milliseconds at a time until a file has half
// arrived.
async function midPut() {
  const u = await newUpload('Mid-PUT', large)
  const pid = pidOf('workerd')
  await tusSend(u, large)
  await until('the source', () => jobs(u.lecture, 'probe').length === 1, 60, 10)
  await until('half an artifact', async () => {
    await freeze(pid)
    if (halfPut(u.lecture)) return true
    thaw(pid)
    await sleep(2)
    return false
  }, 60, 1)
  return { u, still: () => until('half an artifact', () => halfPut(u.lecture)) }
}

async function notCommitted() {
  const u = await newUpload('Not committed', clip)
  await tusSend(u, clip)
  await until('the source', () => jobs(u.lecture, 'probe').length === 1, 60, 10)
  await freeze(pidOf('noded'))
  return {
    u,
    still: () => until('a commit to be due', () => jobIs(u.lecture, 'commit', 'queued', 'leased') && !jobIs(u.lecture, 'commit', 'done')),
  }
}

// --- the table. holder: frozen at that stage, killed last, which lets the lecture go on.

const stages = [
  { name: 'mid-PATCH', reach: midPatch },
  { name: 'finished but not announced', reach: notAnnounced, holder: 'noded' },
  { name: 'leased', reach: leased, holder: 'workerd' },
  { name: 'mid-encode', reach: midEncode, holder: 'workerd' },
  { name: 'mid-PUT', reach: midPut, holder: 'workerd' },
  { name: 'verified but not committed', reach: notCommitted, holder: 'noded' },
]

async function killAt({ name, reach, holder }) {
  try {
    await killEach(name, holder, await reach())
  } finally {
    if (holder) thaw(pidOf(holder)) // where it was not reached
  }
}

async function killEach(name, holder, { u, still, release }) {
  const frozen = isStopped(holder ? pidOf(holder) : process.pid) ? [holder] : []
  const works = []
  for (const one of services.filter((s) => s !== holder)) {
    await still()
    works.push((await killOne(one, name, { held: frozen })).works)
    if (one === 'mariadb') await works[0] // with its help the others are looked at
  }
  await Promise.all(works)
  await still()
  if (holder) await (await killOne(holder, name)).works
  await release?.()
  await assertWhole(u.lecture, u.upload, u.file, name)
}

async function everythingRuns() {
  const all = status().processes
  equal(all.map((p) => p.name).join(), services.join(), 'every process of the status was killed')
  equal(all.filter((p) => p.state !== 'run').map((p) => p.name).join(), '', 'and every one runs')
}

// --- the database away

const page503 = async (url, browser) => {
  const answer = await browser.go(url)
  const text = await answer.text()
  return { status: answer.status, says: /<h1[^>]*>[^<]{10,}/.test(text) && /try again/i.test(text), text: text.slice(0, 300) }
}

const overdue = "SELECT COUNT(*) FROM job WHERE state IN ('leased', 'running') AND lease_expires < UTC_TIMESTAMP(3)"

// A core that was started again: its scheduler comes first, the worker could not say anything for longer than its lease.
async function coreAway(job) {
  await freeze(pidOf('workerd'))
  sv('down', 'schedd')
  await until('the scheduler to end', () => pidOf('schedd') === 0, 30)
  sql(`UPDATE job SET lease_expires = UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE WHERE id = ${job}`)
  sv('up', 'schedd')
  await until('the scheduler', () => answers('schedd'), 20)
  await until('a look at the leases', () => value(overdue) === '0', 10)
  thaw(pidOf('workerd'))
}

// An encode runs past the end of its lease while nobody can be told, another file is sent meanwhile.
async function databaseAway() {
  const u = await newUpload('No database', clip)
  const other = { file: clip, ...(await teacher.open(u.lecture, 'PRES', clip)) }
  await tusSend(u, clip)
  const children = await freezeEncode(u.lecture, () => pidOf('workerd'))
  const { id, attempt } = jobs(u.lecture, 'full')[0]
  await coreAway(id)
  ok(jobIs(u.lecture, 'full', 'running') && jobs(u.lecture, 'full')[0].attempt === attempt, 'no core: a lease that ran out meanwhile begins anew')
  sv('down', 'mariadb')
  await until('the database to be down', () => !alive(pidOf('mariadb')) || pidOf('mariadb') === 0, 30)
  const down = Date.now()

  for (const url of ['/teach', `/lecture/${u.lecture}`, '/login']) {
    const got = await page503(url, teacher)
    ok(got.status === 503 && got.says, `no database: ${url} answers 503 with a sentence`, got)
  }
  equal((await get('/health')).status, 503, 'no database: /health says so')
  await tusSend(other, clip)
  ok(fs.existsSync(spool(other, '.full')), 'no database: an upload that was begun goes on to its end')
  await until('the lease to be over', () => Date.now() > down + 17000, 30)
  ok(children.every(alive), 'no database: the worker keeps what it is doing')
  thaw(children)
  await until('the results', () => fs.existsSync(path.join(store, 'incoming', u.lecture, `${id}-${attempt}`, 'master.m3u8')))
  ok(true, 'no database: and brings its results to the storage')

  // the scheduler comes first: it must not take the job away before the worker could say that it has it
  await freeze(pidOf('workerd'))
  sv('up', 'mariadb')
  await until('the database', () => answers('mariadb'), 30)
  await until('the scheduler', () => answers('schedd'), 20)
  await until('a look at the leases', () => value(overdue) === '0', 10)
  thaw(pidOf('workerd'))
  await until('pages', async () => (await teacher.go('/teach')).status === 200, 10)
  ok(true, 'no database: pages are back by themselves')
  await until('the second view', () => jobs(u.lecture, 'full').length === 2 && mediaIs(u.lecture, 'complete'), 120)
  equal(jobs(u.lecture, 'full')[0].attempt, attempt, 'no database: the encode was not done again')
  await assertWhole(u.lecture, u.upload, clip, 'no database')
}

// --- Redis away

async function redisAway() {
  sv('down', 'redis')
  await until('Redis to be down', () => pidOf('redis') === 0, 30)
  const someone = new Browser()
  await someone.signIn('student')
  ok(true, 'no Redis: signing in works')
  for (const url of ['/', '/account']) equal((await someone.go(url)).status, 200, `no Redis: ${url} works`)
  const u = await newUpload('No Redis', clip)
  await tusSend(u, clip)
  await assertWhole(u.lecture, u.upload, clip, 'no Redis')
  sv('up', 'redis')
  await until('Redis', () => answers('redis'), 10)
}

// ---

async function prepare() {
  makeClip(clip)
  makeClip(large, { seconds: 8, size: '1280x720' })
  course = JSON.parse(ctl('course', 'list', '--json')).find((c) => c.slug === 'lectern').id
  await teacher.signIn('lecturer')
}

async function cleanUp() {
  for (const one of services) {
    if (pidOf(one)) thaw([pidOf(one), ...childrenOf(pidOf(one))])
    else sv('up', one)
  }
  await until('the database', () => answers('mariadb'), 30).catch(() => {})
  for (const lecture of lectures) {
    try {
      ctl('lecture', 'delete', lecture, '--now')
    } catch (e) {
      console.log(`# ${lecture} stays: ${e.stderr ?? e.message}`)
    }
  }
  fs.rmSync(tmp, { recursive: true, force: true })
}

const only = process.argv[2] // a part of a part's name
const parts = [...stages.map((s) => Object.defineProperty(() => killAt(s), 'name', { value: s.name })), everythingRuns, databaseAway, redisAway]
await run([prepare, ...parts.filter((p) => !only || p.name.includes(only))], cleanUp)
