// The values with which pages are rendered, as a handler would set them. H marks every text that people type.

const H = Symbol("text from people");
export { H };

const frame = {
  Csrf: "token",
  Menu: {
    organisation: H,
    term: "Winter 2026/27",
    terms: [
      { name: "Winter 2026/27", slug: "2026w", current: 1 },
      { name: "Summer 2026", slug: "2026s" },
    ],
    languages: [{ code: "de", name: "Deutsch", url: "/?lang=de" }],
  },
  User: { name: H, login: "mia", teaches: 1 },
  Page: { title: H, path: "/x", target: "%2Fx" },
};
const keeper = { ...frame, User: { ...frame.User, maintains: 1 } };
const visitor = { ...frame, Csrf: "", User: {} };
const card = (n, more = {}) => ({
  title: H,
  url: `/lecture/k${n}`,
  sub: H,
  number: n,
  duration: "1:28:03",
  ...more,
});
const cards = [
  card(1, { poster: "/m/token/k1/g1/CAM/poster.jpg", percent: 40, percent_text: "40 % watched" }),
  card(2, { number: "", letter: "Ä" }),
];
const rows = [
  { title: H, url: "/course/2026w/a", sub: H, count: "12 lectures", fresh: "2 new", next: H },
  {
    title: H,
    url: "/course/2026w/b",
    sub: H,
    count: "No lecture yet",
    drafts: "1 draft",
    failed: "1 failed",
  },
];
const field = (name, value = H, more = {}) => ({ name, value, error: H, ...more });
const option = (value, more = {}) => ({ value, name: H, hint: H, ...more });
const livePerson = {
  url: "/lecture/k1/live.json",
  shape: "0123456789abcdef",
  test_url: "/lecture/k1/live/test",
  Due: [
    { title: H, url: "/lecture/k1/live", sub: H, label: H, first: 1, open: 1, chosen: 1 },
    { title: H, url: "/lecture/k2/live", sub: H, label: H },
    { title: H, url: "/lecture/k3/live", sub: H, label: H, rehearsal: 1 },
  ],
  Refused: [
    { text: H, cure: H, when: H, title: H, url: "/lecture/k1/live" },
    { text: H, cure: H, when: H },
  ],
};
const errors = Object.assign(
  [
    { field: "title", name: "Title", text: H },
    { field: "", text: H },
  ],
  { title: H },
);
const Course = {
  id: 7,
  title: H,
  term: "Winter 2026/27",
  term_slug: "2026w",
  term_url: "/terms/2026w",
  organisation: H,
  sub: H,
  url: "/course/2026w/a",
  edit_url: "/teach/course/7",
  rows: 2,
  description_html: "<p>Safe <em>HTML</em></p>",
  slug_hint: H,
  link: "/course/2026w/a?key=k",
  link_text: H,
  delete_text: H,
  delete_button: H,
};
const Offered = [
  { name: H, about: H },
  { name: "HS 2", about: "120 seats" },
];
const hallForm = {
  name: field("name"),
  building: field("building"),
  seats: field("seats", "120"),
  codes: field("codes"),
  booking: field("booking", "below", { options: [option("below", { selected: 1 }), option("request")] }),
};
const May = {
  texts: 1,
  upload: 1,
  publish: 1,
  timetable: 1,
  people: 1,
  statistics: 1,
  settings: 1,
  own: 1,
};
const roleForm = {
  as: {
    ...field("as", "assistant"),
    options: [
      { value: "owner", name: H, hint: H },
      { value: "assistant", name: H, hint: H, selected: 1 },
    ],
  },
  rights: {
    ...field("rights"),
    options: [
      { name: "right_texts", label: H, on: 1 },
      { name: "right_upload", label: H },
    ],
  },
};
const deleted = [
  { title: H, text: H, undo: "/teach/lecture/k7/undelete", label: H },
  { title: H, text: H, undo: "/teach/lecture/k8/undelete", label: H },
];
const courseForm = {
  title: field("title"),
  slug: field("slug"),
  term: field("term", "1", { options: [option("1", { selected: 1 }), option("2")] }),
  org: field("org", "1", { few: 1, options: [option("1")] }),
  visibility: {
    ...field("visibility", "public"),
    options: [option("public", { selected: 1 }), option("hidden")],
  },
  downloads: { on: 1 },
  keep_gaps: { on: 1 },
  keep_first: { on: 1 },
  description: field("description"),
};
const picker = (name, more = {}) =>
  field(name, "1", {
    purpose: "course",
    words: H,
    outcome: H,
    options: [option("1", { selected: 1 }), option("2")],
    ...more,
  });
const metadataForm = { source: field("source"), file: field("file", ""), cert: field("cert") };
const Org = {
  name: H,
  url: "/org/a",
  counts: "2 organisations below · 3 courses",
  archive_text: H,
  move_text: H,
  may_move: 1,
};
const orgRows = [
  { title: H, url: "/org/b", sub: H },
  { title: H, url: "/org/c", sub: H, archived: 1 },
];
const Logo = { url: "/look/logo/h.png", width: 120, height: 40, name: H };
const Trail = [{ name: H }, { name: H, url: "/org/top" }];
const orgForm = {
  name: field("name"),
  slug: field("slug"),
  zone: field("zone"),
  lang: field("lang", "de", { options: [option(""), option("de", { selected: 1 })] }),
  contact: field("contact"),
};
const seen = { value: "0123456789abcdef.1764513000.0123456789abcdef" };
// An older form that was refused, with what is stored now.
const seenBad = {
  ...seen,
  error: H,
  url: "/teach/course/7",
  now: [
    { name: H, text: H },
    { name: "Who may watch?", text: H },
  ],
};
const lectureForm = {
  seen,
  title: field("title"),
  start: field("start", "2026-11-24T10:15"),
  end: field("end", "2026-11-24T11:45"),
  hall: field("hall", H, { hint: H }),
  description: field("description"),
};
const Lecture = {
  key: "k1",
  title: H,
  course: H,
  course_url: "/course/2026w/a",
  time: "Tue 24 Nov, 10:15–11:45",
  datetime: "2026-11-24T10:15",
  duration: "1:28:03",
  tag: "Draft",
  look: "warn",
  edit_url: "/teach/lecture/k1",
  cancelled: H,
  hall_tag: H,
  hall_look: "bad",
  release: H,
  by_hand: 1,
  url: "/lecture/k1",
  description_html: "<p>Safe</p>",
  delete_button: H,
};
const list = [
  card(12, { end: "Being prepared", tag: "Draft" }),
  card(11, { watched: 1, percent: 100, percent_text: "100 % watched", note: H }),
  card(10, { poster: "/m/token/k10/g1/CAM/poster.jpg", end: "Watchable" }),
  card(9, { end: "Failed", end_look: "bad", tag: "Published", look: "ok" }),
];

// page → variants of values; the first one is kept
export const pages = {
  start: {
    mine: {
      ...frame,
      Continue: cards,
      Mine: rows,
      Recent: cards,
      Public: rows,
      Term: { url: "/terms/2026w", all: H },
      Flash: { text: H, undo: "/teach/lecture/k1/undelete" },
    },
    visitor: { ...visitor, RecentPublic: cards, Public: rows },
    own: { ...frame, Mine: rows, Start: { all_own: 1, more_mine: 1 }, Term: { url: "/terms/2026w", all: H } },
    empty: frame,
  },
  courses: {
    full: {
      ...frame,
      List: { count: "2 courses" },
      Courses: rows,
      Pager: { previous: "/terms/2026w?page=1", next: "/terms/2026w?page=3" },
    },
    empty: { ...visitor, List: { empty: H } },
    found: {
      ...visitor,
      Page: { ...visitor.Page, term: "2026w" },
      List: { search: 1, find: H },
      Courses: rows,
    },
    mine: { ...frame, List: { empty: H } },
  },
  course: {
    full: {
      ...frame,
      Page: { ...frame.Page, accent: "2f5bd8" },
      Logo,
      Text: { lang: "de" },
      Contact: { url: "mailto:help@example.org", text: "help@example.org" },
      Course: { ...Course, next: H },
      Sort: { newest: "?a", oldest: "?b", toggle: "?c", is_newest: 1 },
      Months: [
        { name: "November 2026", lectures: list },
        { name: "October 2026", lectures: list },
      ],
    },
    empty: { ...visitor, Course: { ...Course, rows: 0 } },
  },
  release: {
    course: {
      ...frame,
      Course,
      Errors: errors,
      Release: { action: "/teach/course/7/release", hint: H },
      Form: {
        release: field("release", "days", { options: [option("ready"), option("days", { selected: 1 })] }),
        days: field("days", "7"),
        hides: { on: 1 },
      },
    },
    lecture: {
      ...frame,
      Course,
      Lecture: { key: "k1", title: H },
      Release: { action: "/teach/lecture/k1/release", hint: H },
      Form: {
        seen,
        release: { name: "release", value: "course", options: [option("course", { selected: 1 })] },
        days: { name: "days", value: "7" },
      },
    },
  },
  calendar: {
    week: {
      ...frame,
      Calendar: {
        name: H,
        period: "30 Nov – 6 Dec",
        view: "week",
        scope: "course",
        course: "/course/2026w/a",
        id: 7,
        previous: "/calendar?view=week",
        next: "/calendar?view=week",
        today: "/calendar",
        public: "https://x.example/calendar.ics?course=7",
      },
      Views: [
        { name: "Week", url: "/calendar?view=week", current: 1 },
        { name: "Month", url: "/calendar?view=month" },
      ],
      Scopes: [
        { name: "My courses", url: "/calendar?scope=mine", current: 1 },
        { name: "Everything", url: "/calendar?scope=all" },
      ],
      Days: [
        {
          name: H,
          number: 30,
          today: 1,
          events: [
            { title: H, url: "/lecture/k1", time: "10:15–11:45", hall: H, course: H, over: 1 },
            { title: H, url: "/lecture/k2", time: "12:15–13:45", cancelled: H, tag: "Draft" },
          ],
          more: "2 more",
          url: "/calendar?view=week",
        },
        { name: "Tue 1 Dec", number: 1, empty: 1, outside: 1 },
      ],
    },
    hall: {
      ...frame,
      Calendar: { name: H, of_hall: 1, period: H, view: "week", scope: "hall", id: 3, none: 1 },
      Views: [{ name: "Week", url: "/calendar?view=week&hall=3", current: 1 }],
    },
    none: {
      ...visitor,
      Calendar: { period: "From Mon 30 Nov on", view: "list", scope: "all", id: 0, own: 1, none: 1, rest: H },
      Days: [],
    },
  },
  calendar_feeds: {
    full: {
      ...frame,
      New: { name: H, url: "https://x.example/calendar.ics?key=abc" },
      Feeds: [{ id: 3, name: H, made: H, used: H, label: H }],
    },
    empty: { ...frame },
  },
  schedule: {
    full: {
      ...frame,
      Course: { ...Course, may_plan: 1 },
      Schedule: { sub: H, earlier: "/teach/course/7/schedule?all=1" },
      Weeks: [
        {
          id: 20735,
          name: H,
          lectures: [
            {
              key: "k1",
              title: H,
              url: "/teach/lecture/k1",
              time: H,
              hall: H,
              hall_tag: H,
              hall_look: "warn",
              media: "Complete",
              over: 1,
              pick: H,
              change: H,
            },
            {
              key: "k2",
              title: H,
              url: "/teach/lecture/k2",
              time: H,
              tag: "Draft",
              cancelled: H,
              pick: H,
              change: H,
            },
          ],
        },
      ],
      Pager: { next: "/teach/course/7/schedule?after=k2" },
    },
    empty: { ...frame, Course, Schedule: { sub: H } },
  },
  schedule_change: {
    series: {
      ...frame,
      Course,
      Errors: errors,
      Page: { ...frame.Page, there: H },
      Change: { lecture: "k1", scope: "all", count: H, restore: 1 },
      Scopes: [
        { name: H, url: "/teach/course/7/schedule/change?lecture=k1&scope=one" },
        { name: H, url: "/teach/course/7/schedule/change?lecture=k1&scope=all", current: 1 },
      ],
      Rows: [
        { key: "k1", title: H, time: H, hall: H, on: 1 },
        { key: "k2", title: H, time: H, note: H },
      ],
      Offered,
      Form: {
        weekday: field("weekday", "", { options: [option("1"), option("2", { selected: 1 })] }),
        time: field("time", ""),
        length: field("length", ""),
        hall: field("hall", H, { hint: H }),
        note: field("note"),
        twice: field("twice", "", { offered: 1, on: 1 }),
      },
    },
    one: {
      ...frame,
      Course,
      Change: { lecture: "k1", scope: "one", count: H, one: 1 },
      Rows: [{ key: "k1", title: H, time: H, on: 1 }],
      Form: {
        date: { name: "date", value: "2026-10-13" },
        time: { name: "time", value: "10:15" },
        length: { name: "length", value: "90" },
        hall: { name: "hall", value: H },
        note: { name: "note", value: "" },
        seen,
      },
    },
  },
  series_new: {
    again: {
      ...frame,
      Course,
      Errors: errors,
      Page: { ...frame.Page, there: H },
      Offered,
      Days: [
        { value: 1, name: "Mon" },
        { value: 2, name: "Tue", on: 1 },
      ],
      Form: {
        time: field("time", "10:15"),
        length: field("length", "90"),
        first: field("first", "2026-10-12"),
        until: field("until", "2027-02-05"),
        hall: field("hall", H, { hint: H }),
        count: field("count", ""),
        every: field("every", "1"),
        title: field("title"),
        number: field("number", "1"),
        repeat: field("repeat", "weekly"),
      },
    },
  },
  series_dates: {
    full: {
      ...frame,
      Course,
      Series: { title: H, number: "1", nonce: "n", rule: "first=2026-10-12&day=2" },
      Dates: Object.assign(
        [
          { row: 1, text: H, date: "2026-10-13", time: "10:15", length: 90, hall: H, on: 1 },
          { row: 2, text: H, date: "2026-12-29", time: "10:15", length: 90, note: H },
          { row: 3, text: H, date: "x", time: "10:15", length: 90, error: H },
        ],
        {
          count: H,
          free: H,
          twice: H,
          taken: H,
          hall: H,
          hall_url: "/calendar?hall=1&day=2026-10-13",
          outside: H,
        },
      ),
      Offered,
      Form: { twice: { name: "twice", offered: 1 } },
    },
    again: {
      ...frame,
      Course,
      Errors: errors,
      Series: { title: H, number: "1", nonce: "n", rule: "first=2026-10-12&day=2" },
    },
  },
  terms: {
    admin: {
      ...frame,
      User: { ...frame.User, admin: 1 },
      Errors: errors,
      Terms: Object.assign(
        [
          { name: "Winter 2026/27", url: "/admin/terms?term=2026w", current: 1 },
          { name: "Summer 2026", url: "/admin/terms?term=2026s" },
        ],
        { url: "/admin/terms", next: "2027s", next_text: "Add Summer 2027" },
      ),
      Term: { name: "Winter 2026/27", slug: "2026w", period: "Mon 12 Oct – Fri 5 Feb 2027" },
      Free: [
        { id: 3, name: H, dates: "Thu 24 Dec – Wed 6 Jan 2027", remove: H },
        { name: H, dates: "Mon 7 Dec", from: H },
      ],
      Form: {
        period_first: field("period_first", "2026-10-12"),
        period_last: field("period_last", "2027-02-05"),
        name: field("name"),
        first: field("first", ""),
        last: field("last", ""),
      },
    },
    school: {
      ...frame,
      Org: { ...Org, url: "/org/computing" },
      Trail,
      Terms: Object.assign([{ name: "Winter 2026/27", url: "/org/computing/terms?term=2026w", current: 1 }], {
        url: "/org/computing/terms",
      }),
      Term: { name: "Winter 2026/27", slug: "2026w", period: H },
      Form: {
        name: { name: "name", value: "" },
        first: { name: "first", value: "" },
        last: { name: "last", value: "" },
      },
    },
    none: {
      ...frame,
      Terms: { url: "/admin/terms", next: "2026w", next_text: "Add Winter 2026/27" },
    },
  },
  watch: {
    playing: {
      ...frame,
      Lecture: {
        ...Lecture,
        playable: 1,
        thumbs: 1,
        downloads: 1,
        views: "CAM PRES",
        native: "/m/t/k1/g1/CAM/master.m3u8",
        position: "12.5",
      },
      Views: [
        {
          name: "Camera",
          as_file: "Camera as a file",
          save: "Download camera",
          master: "/m/t/k1/g1/CAM/master.m3u8",
          download: "/m/t/k1/g1/CAM/download.mp4",
        },
        {
          name: "Slides",
          as_file: "Slides as a file",
          save: "Download slides",
          master: "/m/t/k1/g1/PRES/master.m3u8",
        },
      ],
      Chapters: [
        { second: 0, at: "0.000", time: "0:00", label: H },
        { second: 28, at: "28.020", time: "0:28", label: H },
      ],
    },
    waiting: {
      ...visitor,
      Lecture,
      State: { url: "/lecture/k1/state.json", shape: "g0", status: H, busy: 1 },
    },
    soon: {
      ...frame,
      Lecture: { ...Lecture, live: "planned", left: "754" },
      State: { url: "/lecture/k1/state.json", shape: "g0", status: H },
    },
    live: {
      ...frame,
      Lecture: { ...Lecture, live: "on", playable: 1, views: "CAM", native: "/m/t/k1/g1/CAM/plain.m3u8" },
      Views: [{ name: "Camera", master: "/m/t/k1/g1/CAM/plain.m3u8" }],
    },
  },
  login: {
    again: {
      ...visitor,
      Csrf: "token",
      Errors: errors,
      Form: { login: field("login"), password: { name: "password" } },
      Login: { next: "/course/2026w/a?key=k" },
    },
    universities: {
      ...visitor,
      Csrf: "token",
      Form: { login: field("login"), password: { name: "password" } },
      Login: {
        next: "/course/2026w/a?key=k",
        find: 1,
        words: H,
        unknown: 1,
        more: 1,
        all: "/login?next=%2F",
      },
      Idps: [
        { name: H, home: H, mark: H, url: "/login/idp/1?next=%2F" },
        { name: H, url: "/login/idp/2?next=%2F" },
        { name: H, home: H, away: H },
      ],
    },
  },
  idps: {
    full: {
      ...frame,
      Idps: [
        { title: H, url: "/admin/idp/1", sub: H, state: H, look: "ok", warning: H },
        { title: H, url: "/admin/idp/2", sub: H, state: H, look: "bad", failure: H },
      ],
      Keys: [{ name: H, sub: H, warning: H }],
      Search: { offered: 1, words: H },
      Pager: { previous: "/admin/idp?q=&page=1" },
    },
    empty: frame,
  },
  idp: {
    tried: {
      ...frame,
      Errors: errors,
      Idp: {
        id: 1,
        name: H,
        entity: H,
        source: H,
        ours: H,
        state: H,
        look: "ok",
        warning: H,
        failure: H,
        tried: 1,
        more: 1,
        rules: H,
      },
      Open: { rules: 1, settings: 1 },
      Form: {
        name: field("name"),
        domains: field("domains"),
        scopes: field("scopes"),
        org: picker("org", { purpose: "manage" }),
        seen_rules: seen,
        seen_settings: seen,
        seen_source: seen,
        rules: field("rules"),
        cbc: { name: "cbc", on: 1 },
        ...metadataForm,
      },
      Changes: [
        { name: H, login: "mia", text: H, gains: 1 },
        { name: H, login: "anna", text: H },
      ],
    },
    brought: {
      ...frame,
      Idp: { id: 1, name: H, entity: H, source: H, ours: H, state: H, look: "ok", brought: 1 },
      Form: {
        name: field("name"),
        domains: field("domains"),
        scopes: field("scopes"),
        org: picker("org", { few: 1 }),
        rules: field("rules"),
        cbc: { name: "cbc" },
        ...metadataForm,
      },
    },
  },
  idp_new: {
    full: {
      ...frame,
      Errors: errors,
      Idp: { ours: H, file_again: 1 },
      Form: {
        name: field("name"),
        entity: field("entity"),
        domains: field("domains"),
        org: picker("org", { purpose: "manage" }),
        ...metadataForm,
      },
    },
  },
  idp_end: {
    full: {
      ...frame,
      Idp: { id: 1, name: H, end_title: H },
      Ends: [{ text: H }, { text: H }],
    },
  },
  sso_failed: {
    full: {
      ...visitor,
      Sso: { title: H, text: H, again: "/login?next=%2Fcourses", number: "0123456789abcdef" },
    },
  },
  signing_out: {
    full: { ...visitor, Out: { url: "https://idp.example/slo?SAMLRequest=x&y=1", text: H } },
    form: {
      ...visitor,
      Out: { url: "https://idp.example/slo", text: H, field: "SAMLRequest", value: H, relay: H },
    },
  },
  link: { full: { ...frame, Link: { question: H, what: H } } },
  signins: {
    full: {
      ...frame,
      Signins: [{ id: 1, name: H, sub: H, remove: H }],
      Idps: [{ name: H, home: H, url: "/login/idp/1?link=1" }],
      Find: { offered: 1, words: H, none: 1 },
    },
    none: frame,
  },
  account: {
    full: {
      ...frame,
      Errors: errors,
      Form: { old_password: { name: "old_password", error: H }, password: { name: "password" } },
      Account: { password_hint: H, local: 1 },
      Languages: [
        { code: "en", name: "English", current: 1 },
        { code: "de", name: "Deutsch" },
      ],
    },
  },
  live: {
    on: {
      ...frame,
      Course: { id: 7, title: H },
      Lecture: { key: "k1", title: H, time: H },
      Live: {
        ...livePerson,
        page: "/lecture/k1/live",
        tag: H,
        look: "live",
        text: H,
        clock: "0:42:10",
        on: 1,
        Publishers: [
          { who: H, with: H, tag: H, look: "ok" },
          { who: H, with: H, tag: H, look: "" },
        ],
      },
    },
    quiet: {
      ...frame,
      Course: { id: 7, title: H },
      Lecture: { key: "k1", title: H, time: H },
      Live: {
        page: "/lecture/k1/live",
        url: "/lecture/k1/live.json",
        shape: "1",
        tag: H,
        look: "",
        text: H,
        may_choose: 1,
        no_token: 1,
        pause: 1,
        test: 1,
        test_text: H,
        test_url: "/lecture/k1/live/test",
      },
    },
    ended: {
      ...frame,
      Course: { id: 7, title: H },
      Lecture: { key: "k1", title: H, time: H },
      Live: {
        page: "/lecture/k1/live",
        url: "/lecture/k1/live.json",
        shape: "1",
        tag: H,
        look: "",
        text: H,
        recording: 1,
        recording_url: "/teach/lecture/k1",
        test_url: "/lecture/k1/live/test",
        made: H,
        undo: 1,
      },
    },
    rehearsed: {
      ...frame,
      Lecture: { key: "k1", title: H, time: H },
      Live: {
        page: "/lecture/k1/live",
        url: "/lecture/k1/live.json",
        shape: "1",
        rehearsal: 1,
        tag: H,
        look: "",
        text: H,
        made: H,
        kept: H,
        recording: 1,
        recording_url: "/lecture/k1",
        test_url: "/lecture/k1/live/test",
        Courses: [
          { id: 7, name: H },
          { id: 8, name: H },
        ],
      },
    },
  },
  tokens: {
    full: {
      ...frame,
      Live: {
        ...livePerson,
        server: "rtmps://live.example:1936/live",
        plain: H,
        site: "https://example",
        address: H,
        Rehearsals: [
          { title: H, url: "/lecture/k3/live", sub: H, open: 1 },
          { title: H, url: "/lecture/k4/live", sub: H },
        ],
      },
      Tokens: [
        { id: 2, name: H, may: H, until: H, used: H, label: H, streams: 1 },
        { id: 1, name: H, may: H, until: H, used: H, label: H, expired: 1 },
      ],
      Errors: errors,
      Form: {
        newest: { value: 2 },
        name: field("name"),
        days: { name: "days", error: H, options: [option("365", { selected: 1 }), option("0")] },
        scopes: { name: "scopes", error: H, options: [option("stream", { on: 1 })] },
      },
    },
    made: {
      ...frame,
      Live: { ...livePerson, server: "rtmp://live.example/live", site: "https://example", address: H },
      New: { title: H, key: H },
    },
    nowhere: {
      ...frame,
      Form: {
        newest: { value: 0 },
        name: { name: "name", value: "OBS" },
        days: { name: "days", options: [option("365", { selected: 1 })] },
        scopes: { name: "scopes", options: [option("stream", { on: 1 })] },
      },
    },
  },
  teach: {
    full: {
      ...frame,
      Teach: { may_create: 1 },
      Terms: [
        { name: "Winter 2026/27", slug: "2026w", courses: rows },
        { name: "Summer 2026", slug: "2026s", courses: rows },
      ],
      Deleted: deleted,
    },
    empty: { ...frame, Teach: { may_create: 1 } },
    staff: frame,
  },
  course_new: {
    again: { ...frame, Errors: errors, Form: courseForm },
    picker: { ...frame, Form: { ...courseForm, org: picker("org") } },
  },
  course_edit: {
    full: {
      ...frame,
      Course,
      May,
      Errors: errors,
      Form: { ...courseForm, seen: seenBad },
      Lectures: list,
      Deleted: deleted,
    },
    empty: { ...frame, Course, May, Form: { ...courseForm, seen } },
    texts: {
      ...frame,
      Course,
      May: { texts: 1 },
      Errors: errors,
      Form: { ...courseForm, seen: { ...seenBad, now: undefined } },
    },
    lecturer: { ...frame, Course, May, Form: { ...courseForm, org: { value: 7, fixed: 1 } } },
    nothing: { ...frame, Course },
    deleted: { ...frame, Course: { ...Course, deleted: deleted[0] }, May, Form: courseForm },
  },
  orgs: {
    admin: {
      ...keeper,
      Orgs: orgRows,
      Org: { may_create: 1 },
      Search: { words: H, outcome: H },
      Form: orgForm,
      Errors: errors,
    },
    none: { ...keeper },
  },
  org: {
    full: {
      ...keeper,
      Org: { ...Org, calendar: "/calendar?org=computing" },
      Requests: { count: H },
      Trail,
      Children: orgRows,
      Form: { ...orgForm, seen },
      Errors: errors,
    },
    archived: { ...keeper, Org: { ...Org, archived: "Since Tue 24 Nov", may_restore: 1 }, Form: orgForm },
    above: { ...keeper, Org: { ...Org, archived: "Since Tue 24 Nov" }, Form: orgForm },
  },
  halls: {
    full: {
      ...keeper,
      Org,
      Trail,
      Halls: Object.assign(
        [
          { title: H, url: "/org/computing/halls/1", sub: H, requests: H },
          {
            title: H,
            url: "/org/computing/halls/2",
            sub: H,
            undo: "/org/computing/halls/2/restore",
            label: H,
          },
        ],
        { sub: H },
      ),
      Requests: { count: H },
      Form: hallForm,
      Errors: errors,
      Pager: { previous: "/org/computing/halls?page=1", next: "/org/computing/halls?page=3" },
    },
    empty: { ...keeper, Org, Halls: { sub: H }, Form: hallForm },
  },
  hall: {
    full: {
      ...keeper,
      Org,
      Hall: { name: H, url: "/org/computing/halls/1", calendar: "/calendar?hall=1" },
      Form: { ...hallForm, seen },
      Errors: errors,
    },
    archived: {
      ...keeper,
      Org,
      Hall: { name: H, url: "/org/computing/halls/1", calendar: "/calendar?hall=1", archived: H },
      Form: hallForm,
    },
  },
  hall_requests: {
    full: {
      ...keeper,
      Org,
      Errors: errors,
      Groups: [
        {
          id: 1,
          key: "k1",
          note: H,
          error: H,
          hall: H,
          course: H,
          url: "/course/2026w/a",
          note: H,
          error: H,
          rows: [
            { key: "k1", time: H, title: H, on: 1 },
            { key: "k2", time: H, title: H, note: H },
          ],
        },
        {
          id: 3,
          key: "k3",
          hall: H,
          course: H,
          url: "/course/2026w/b",
          rows: [{ key: "k3", time: H, title: H, on: 1 }],
        },
      ],
      Requests: { more: H },
    },
    none: { ...keeper, Org },
  },
  org_new: { full: { ...keeper, Org, Trail, Form: orgForm, Errors: errors } },
  org_look: {
    own: {
      ...keeper,
      Org,
      Trail,
      Page: { ...frame.Page, accent: "2f5bd8" },
      Look: { light: "#2f5bd8", dark: "#8fb0ff", own_logo: 1 },
      Logo,
      Form: {
        own: field("own", "own"),
        accent: field("accent", "#2f5bd8"),
        shown: { name: "shown", value: "#2f5bd8" },
        logo: field("logo", ""),
      },
      Errors: errors,
    },
    above: {
      ...keeper,
      Org,
      Look: { light: "#2f5bd8", dark: "#8fb0ff", logo_from: H },
      Logo,
      Form: {
        own: { name: "own", value: "above" },
        accent: { name: "accent", value: "#2f5bd8" },
        logo: { name: "logo" },
      },
    },
    none: {
      ...keeper,
      Org,
      Look: { light: "#2f5bd8", dark: "#8fb0ff" },
      Form: {
        own: { name: "own", value: "above" },
        accent: { name: "accent", value: "#2f5bd8" },
        logo: { name: "logo" },
      },
    },
  },
  org_move: {
    full: {
      ...keeper,
      Org,
      Trail,
      Form: { parent: picker("parent", { purpose: "manage", except: 7 }) },
      Errors: errors,
    },
    few: { ...keeper, Org, Trail, Form: { parent: picker("parent", { few: 1 }) } },
  },
  people: {
    full: {
      ...frame,
      Course,
      Form: { login: field("login"), ...roleForm },
      Errors: errors,
      Staff: [
        { name: H, login: "anna", role: H, url: "/teach/course/7/staff/1", change: H },
        { name: H, login: "jonas", role: H },
      ],
      Students: [{ id: 2, name: H, login: "mia", remove: H }],
    },
    empty: {
      ...frame,
      Course,
      Form: { login: { name: "login" }, ...roleForm },
      Staff: [{ name: H, login: "anna", role: H }],
    },
  },
  course_rights: {
    full: {
      ...frame,
      Course,
      Form: { login: field("login"), ...roleForm },
      Errors: errors,
      Here: [
        { name: H, login: "anna", role: H, since: H, url: "/teach/course/7/staff/1", change: H },
        { name: H, login: "jonas", role: H, since: H, disabled: 1 },
      ],
      Above: [
        { name: H, login: "mia", role: H, since: H, from: H, from_url: "/org/a/rights" },
        { name: H, login: "root", role: H, since: H, from: H },
      ],
      Rights: { more: 1 },
    },
    empty: { ...frame, Course, Form: { login: { name: "login" }, ...roleForm } },
  },
  org_rights: {
    full: {
      ...frame,
      Form: { login: field("login"), as: roleForm.as },
      Errors: errors,
      Org,
      Trail,
      Rights: { action: "/org/a/rights" },
      Here: [{ name: H, login: "anna", role: H, since: H, note: H, as: "maintainer", take: H }],
      Above: [{ name: H, login: "root", role: H, since: H, from: H, from_url: "/admin/rights" }],
    },
    empty: {
      ...frame,
      Rights: { action: "/admin/rights" },
      Form: { login: { name: "login" }, as: roleForm.as },
    },
  },
  staff: {
    full: {
      ...frame,
      Course,
      Form: { ...roleForm, seen },
      Errors: errors,
      Person: { id: 1, name: H, login: "anna", remove: H },
    },
  },
  lecture_new: {
    again: {
      ...frame,
      Page: { ...frame.Page, there: H, when: H },
      Course,
      Errors: errors,
      Form: { ...lectureForm, hall: field("hall", H, { hint: H, search: 1, asked: 1, outcome: H }) },
      Found: [
        { name: H, about: H },
        { name: "HS 1", about: "" },
      ],
    },
  },
  lecture_edit: {
    full: {
      ...frame,
      Course,
      May,
      Lecture,
      Errors: errors,
      Form: lectureForm,
      Offered,
      State: {
        url: "/lecture/k1/state.json?edit=1",
        shape: "g1-cam",
        status: H,
        busy: 1,
        views: [
          {
            id: "cam",
            name: "Camera",
            tag: "Complete",
            look: "ok",
            text: H,
            plan: H,
            again: "u2",
            again_label: H,
          },
          { id: "pres", name: "Slides", tag: "Encoding", text: H, moving: 1, progress: "0.42", plan: H },
          {
            id: "comb",
            name: "Combined",
            tag: "Failed",
            look: "bad",
            text: H,
            detail: H,
            upload: "u1",
            again: "u1",
            again_label: H,
          },
        ],
      },
      Upload: { max: 53687091200, max_text: "50 GB", hint: H },
      Uploads: ["CAM", "PRES", "COMB"].map((view, i) => ({
        view,
        main: i === 0 ? 1 : "",
        nonce: `n${view}`,
        name: view,
        hint: H,
        choose: `Choose ${view}`,
        send: `Upload ${view}`,
        progress: `Upload of ${view}`,
        now: H,
      })),
    },
    deleted: { ...frame, Course, May, Lecture: { ...Lecture, deleted: deleted[0] } },
    gone: { ...frame, Course: { ...Course, is_deleted: 1 }, Lecture },
  },
  upload: {
    full: {
      ...frame,
      Course,
      Lecture,
      Upload: { title: H, key: "u1", form_url: "/store/v1/form/token", hint: H },
    },
  },
  error: {
    server: { ...visitor, Error: { title: H, text: H, status: 500, id: "7f3a19c27f3a19c2" } },
    denied: { ...visitor, Error: { title: H, text: H, status: 403 } },
  },
};
