//! Draws a plan from a seed: which jobs there are, what their records are and what is wrong with them, and what people
//! and schedules do meanwhile. It knows each record; it does not know what the program under test will make of it.

use domain::{AccountName, JobId};
use serde_json::{Value, json};

use super::faults::Faults;
use super::plan::{Act, DELETE, Flaw, FlawKind, Item, Outage, Plan, Step};
use super::rng::Rng;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Codes that say something about a record.
const REFUSALS: [&str; 10] = [
    "REQUIRED_FIELD_MISSING",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "CANNOT_EXECUTE_FLOW_TRIGGER",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    "STRING_TOO_LONG",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "INVALID_CROSS_REFERENCE_KEY",
    "DUPLICATE_VALUE",
    "UNKNOWN_EXCEPTION",
    "A_CODE_NOBODY_KNOWS",
];

/// The settings of preflight. Enforced more often: there is more to go wrong.
const PREFLIGHT: [&str; 4] = ["off", "report", "enforce", "enforce"];

/// What is said while a CRM is away.
const AWAY: [&str; 5] = [
    "CONNECTION_FAILED",
    "SERVER_UNAVAILABLE",
    "SIGN_IN_FAILED",
    "REQUEST_LIMIT_EXCEEDED",
    "API_DISABLED_FOR_ORG",
];

/// What a seed is like, apart from its faults.
struct Shape {
    span: i64,
    ids: u64,
    messages: u64,
    records_max: u64,
    flawed: u32,
    deletes: u32,
    parents: bool,
    spellings: bool,
    incomplete: u32,
    people: u64,
    retries: u64,
    ticks: u64,
    /// Minutes between the ticks of each job, when it has a real schedule.
    every: Option<i64>,
    passing: bool,
}

impl Shape {
    fn draw(rng: &mut Rng) -> Self {
        let large = rng.chance(150);
        let mut few = |most: &[u64]| {
            let most = *rng.pick(most);
            rng.below(most)
        };
        let (people, retries, ticks) = (few(&[1, 4, 8, 20]), few(&[1, 5, 5, 20]), 1 + few(&[4, 12, 12, 40]));
        let span = *rng.pick(&[20 * MINUTE, 2 * HOUR, 2 * HOUR, DAY, 20 * DAY]);
        Self {
            every: (span <= 2 * HOUR && rng.chance(300)).then(|| *rng.pick(&[2, 6, 10])),
            span,
            ids: if large { 60 } else { 2 + rng.below(10) },
            messages: 3 + rng.below(12),
            records_max: if large { 50 } else { 1 + rng.below(7) },
            flawed: *rng.pick(&[0, 50, 150, 300]),
            deletes: *rng.pick(&[0, 0, 60, 200]),
            parents: rng.chance(300),
            spellings: rng.chance(100),
            incomplete: if rng.chance(150) { 40 } else { 0 },
            people,
            retries,
            ticks,
            passing: rng.chance(500),
        }
    }

    /// Makes it narrow: two external ids in everyone's way, refusals that last a while, a schedule that comes all the time.
    /// Together with many small failures this is where orders of writes show.
    fn narrow(&mut self, rng: &mut Rng) {
        self.span = *rng.pick(&[20 * MINUTE, 2 * HOUR]);
        self.ids = 2;
        self.messages = 4 + rng.below(10);
        self.records_max = 2 + rng.below(5);
        self.flawed = *rng.pick(&[50, 150, 300]);
        self.every = Some(*rng.pick(&[2, 6]));
        self.retries = rng.below(12);
    }
}

/// The plan of a seed.
pub(super) fn draw(seed: u64) -> Plan {
    let mut rng = Rng::new(seed, "plan");
    let mut shape = Shape::draw(&mut rng);
    let mut faults = Faults::draw(&mut Rng::new(seed, "faults"));
    let mut narrow = Rng::new(seed, "narrow");
    if narrow.chance(250) {
        shape.narrow(&mut narrow);
        faults.many_small_ones(&mut narrow);
    }
    let accounts: Vec<AccountName> = ["acme", "zeta"][..if rng.chance(300) { 2 } else { 1 }]
        .iter()
        .map(|name| AccountName::new(name).expect("fits"))
        .collect();
    let objects = &["Contact", "Account", "Lead"][..usize::try_from(1 + rng.below(3)).expect("few")];
    let mut jobs = Vec::new();
    for account in &accounts {
        jobs.extend(objects.iter().map(|object| JobId::new(account.clone(), object).expect("fits")));
    }
    let mut preflight = Rng::new(seed, "preflight");
    faults.draw_rules(&mut preflight);
    let mut steps = draw_settings(&mut preflight, &shape, &accounts);
    let mut acts = Acts { rng: &mut rng, shape: &shape, jobs: &jobs, number: 0 };
    acts.draw_into(&mut steps);
    let mut some = Rng::new(seed, "retry some");
    for _ in 0..some.below(4) {
        let (at, account) = (some.between(0, acts.shape.span), some.pick(&accounts).clone());
        let act = Act::RetrySome(account, some.chance(500));
        steps.push(Step { at, act });
    }
    steps.sort_by_key(|step| step.at);
    acts.fill(&mut steps);
    let ledger_down = draw_ledger_down(&mut rng, &shape, &mut faults);
    let outages = draw_outages(&mut rng, &shape, &accounts);
    Plan {
        seed,
        faults,
        jobs,
        steps,
        outages,
        ledger_down,
        script: Vec::new(),
        pause_at_last: rng.chance(500),
        preflight_at_last: preflight.pick::<&str>(&PREFLIGHT),
    }
}

/// The settings at the beginning, and what people make of preflight later.
fn draw_settings(rng: &mut Rng, shape: &Shape, accounts: &[AccountName]) -> Vec<Step> {
    let mut steps = Vec::new();
    for account in accounts {
        let mut body = json!({"preflight": rng.pick(&PREFLIGHT)});
        if shape.passing {
            body["pauseOnExportErrors"] = json!(false);
        }
        steps.push(Step { at: 0, act: Act::Break(account.clone(), body) });
        for _ in 0..rng.below(3) {
            let at = rng.between(0, shape.span);
            let act = if rng.chance(100) {
                let broken = json!({"preflight": "perhaps", "pauseOnExportErrors": !shape.passing});
                Act::Break(account.clone(), broken)
            } else {
                Act::Set(account.clone(), json!({"preflight": rng.pick(&PREFLIGHT)}))
            };
            steps.push(Step { at, act });
        }
    }
    steps
}

fn draw_ledger_down(rng: &mut Rng, shape: &Shape, faults: &mut Faults) -> Vec<(i64, i64)> {
    if !rng.chance(100) {
        return Vec::new();
    }
    let from = rng.between(0, shape.span);
    if shape.span > 15 * DAY && rng.chance(300) {
        // Long enough for SQS to forget. Seldom tried, so that the simulation does not count redeliveries for days.
        faults.visibility = 6 * HOUR;
        return vec![(from, from + 16 * DAY)];
    }
    vec![(from, from + rng.between(MINUTE, HOUR))]
}

fn draw_outages(rng: &mut Rng, shape: &Shape, accounts: &[AccountName]) -> Vec<Outage> {
    let mut outages = Vec::new();
    for _ in 0..rng.below(4) {
        let from = rng.between(0, shape.span);
        let until = from + rng.between(MINUTE, (shape.span / 4).max(2 * MINUTE));
        let by_row = rng.chance(300);
        let code = if by_row { "REQUEST_LIMIT_EXCEEDED" } else { *rng.pick(&AWAY) };
        outages.push(Outage { account: rng.pick(accounts).clone(), from, until, code, by_row });
    }
    outages
}

struct Acts<'a> {
    rng: &'a mut Rng,
    shape: &'a Shape,
    jobs: &'a [JobId],
    number: u32,
}

impl Acts<'_> {
    /// Draws what happens, messages still without records.
    fn draw_into(&mut self, steps: &mut Vec<Step>) {
        let burst = self.rng.chance(400);
        for _ in 0..self.shape.messages {
            let late = if burst { self.shape.span / 20 } else { self.shape.span };
            let (at, job) = (self.rng.between(0, late), self.job());
            steps.push(Step { at, act: Act::Send(job, Vec::new()) });
        }
        for _ in 0..self.shape.ticks {
            let (at, job) = (self.at(), self.job());
            steps.push(Step { at, act: Act::Tick(job) });
        }
        self.draw_schedule(steps);
        for _ in 0..self.shape.retries {
            let (at, account) = (self.at(), self.job().account);
            steps.push(Step { at, act: Act::Retry(account) });
        }
        for _ in 0..self.shape.people {
            let at = self.at();
            let act = self.person();
            steps.push(Step { at, act });
        }
    }

    /// A schedule that comes whatever else goes on: two runs of a job meet there.
    fn draw_schedule(&mut self, steps: &mut Vec<Step>) {
        let Some(every) = self.shape.every else { return };
        let mut at = every * MINUTE;
        while at < self.shape.span {
            let tick = |job: &JobId| Step { at, act: Act::Tick(job.clone()) };
            steps.extend(self.jobs.iter().map(tick));
            at += every * MINUTE;
        }
    }

    fn at(&mut self) -> i64 {
        self.rng.between(0, self.shape.span)
    }

    fn job(&mut self) -> JobId {
        self.rng.pick(self.jobs).clone()
    }

    fn person(&mut self) -> Act {
        let job = self.job();
        let account = job.account.clone();
        let flag = self.rng.chance(500);
        match self.rng.below(9) {
            0 | 1 => Act::Ask(job),
            2 | 3 => Act::Skip(job),
            4 | 5 => Act::Set(account, json!({"pauseOnExportErrors": flag})),
            6 => Act::Set(account, json!({"exportToCrm": flag})),
            7 => Act::Break(account, self.nonsense()),
            _ => Act::Jump(self.rng.between(-20 * MINUTE, 20 * MINUTE)),
        }
    }

    fn nonsense(&mut self) -> Value {
        let bodies = [
            json!({"pauseOnExportErrors": "no", "batchSize": 7}),
            json!("off"),
            json!([]),
            json!({"pauseOnExportErrors": false, "colour": "red"}),
            json!({"exportToCrm": 0, "dailyCrmApiLimit": -1}),
            json!({"dailyCrmApiLimit": 5}),
            json!({"dailyCrmApiLimit": 30, "pauseOnExportErrors": false}),
        ];
        self.rng.pick(&bodies).clone()
    }

    /// Gives each message its records, in order of time, so that numbers grow with places.
    fn fill(&mut self, steps: &mut [Step]) {
        for step in steps {
            let at = step.at;
            if let Act::Send(job, items) = &mut step.act {
                for _ in 0..1 + self.rng.below(self.shape.records_max) {
                    items.push(self.item(job, at));
                }
            }
        }
    }

    fn item(&mut self, job: &JobId, at: i64) -> Item {
        self.number += 1;
        let rng = &mut *self.rng;
        let is_parent = job.object == "Account";
        let mut id = format!("e{}", rng.below(self.shape.ids));
        if self.shape.spellings && rng.chance(300) {
            id = id.to_uppercase();
        }
        let delete = !(is_parent && self.shape.parents) && rng.chance(self.shape.deletes);
        let mut fields: Vec<String> = Vec::new();
        for name in ["A__c", "B__c", "C__c"] {
            if !delete && rng.chance(500) {
                fields.push(name.to_owned());
            }
        }
        if !delete && fields.is_empty() {
            fields.push("A__c".to_owned());
        }
        let child = self.shape.parents && !is_parent && !delete;
        let parent = (child && rng.chance(400)).then(|| format!("e{}", rng.below(self.shape.ids)));
        let whole = !rng.chance(self.shape.incomplete);
        let mut flaws = Vec::new();
        if rng.chance(self.shape.flawed) {
            let field = if delete { DELETE.to_owned() } else { rng.pick(&fields).clone() };
            flaws.push((field, flaw(rng, at, self.shape.span)));
        }
        Item { number: self.number, id, delete, fields, flaws, parent, whole }
    }
}

fn flaw(rng: &mut Rng, at: i64, span: i64) -> Flaw {
    let soon = at + rng.between(MINUTE, (span / 2).max(2 * MINUTE));
    let (from, until) = match rng.below(4) {
        // Accepted at first, refused later: a rule that someone adds.
        0 => (at + MINUTE, soon + MINUTE),
        // Never accepted by itself.
        1 => (0, i64::MAX),
        _ => (0, soon),
    };
    let kind = match rng.below(10) {
        0 => FlawKind::WholeRequest,
        1 => FlawKind::SameText,
        2 => FlawKind::Once("DUPLICATE_VALUE"),
        _ => {
            let code = *rng.pick(&REFUSALS);
            FlawKind::Refused(code)
        }
    };
    Flaw { from, until, kind }
}
