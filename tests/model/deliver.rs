//! A chunk's way: the cursor saved when an id comes again, rows brought up to date, calls, and fates written down.

use super::actions::Write;
use super::plan::{Break, Content};
use super::run::Turn;
use super::set::{Set, small};
use super::state::{Delivery, Fate, From, Hold, Run, Stage, Step, Stopped, Then};

impl Delivery {
    fn new(from: From, rest: Set) -> Self {
        Self {
            from,
            rest,
            chunk: Vec::new(),
            open: Set::default(),
            fates: Vec::new(),
            step: Step::Start,
            blamed: None,
            alone: false,
            waits: 0,
            sent: false,
            stopped: Stopped::No,
        }
    }

    /// Indexes whose fate is not known.
    pub fn unknown(&self) -> Set {
        let unknown = (0..).zip(&self.fates).filter(|(_, fate)| **fate == Fate::Unknown);
        unknown.map(|(index, _)| index).collect()
    }

    /// How many of the first records are settled once their fates are written down.
    fn settled(&self, run: &Run) -> u8 {
        let open = if run.in_order(self.from) {
            self.fates.iter().position(|fate| *fate != Fate::Exported)
        } else {
            self.fates.iter().position(|fate| *fate == Fate::Unknown)
        };
        small(open.unwrap_or(self.fates.len()))
    }

    /// Whether the record at this index is logged.
    pub fn logs(&self, run: &Run, at: u8) -> bool {
        let first = !run.in_order(self.from) || at == self.settled(run);
        first && self.fates[usize::from(at)] == Fate::Refused
    }

    /// Whether the open row of the record at this index is closed.
    fn closes(&self, run: &Run, at: u8) -> bool {
        let counts = self.from.is_retry() || at < self.settled(run);
        counts && self.open.has(at) && self.fates[usize::from(at)] == Fate::Exported
    }
}

impl Turn<'_> {
    /// Delivers records from here.
    pub fn deliver(&mut self, from: From, rest: Set) {
        if rest.is_empty() {
            return self.delivered(from);
        }
        let delivery = Delivery::new(from, rest);
        if self.state.left.deadlines {
            return self.stage(Stage::Deliver(delivery));
        }
        self.next_chunk(delivery);
    }

    /// Everything from there is settled.
    fn delivered(&mut self, from: From) {
        match from {
            From::Head => {
                self.run.job.hold = Hold::None;
                self.drain_rest();
            }
            From::Parked => self.drain_rest(),
            From::Incoming | From::These => self.stage(Stage::Finish),
            From::Errors { .. } => self.retry(from),
        }
    }

    /// The next open errors that are due.
    pub fn retry(&mut self, from: From) {
        let From::Errors { stopped_at, second } = from else { return };
        let job = self.run.job;
        let last = if second { stopped_at.saturating_sub(1) } else { u8::MAX };
        let rows = self.state.ledger.rows.iter().flatten().map(|row| row.place);
        let due: Set =
            rows.filter(|place| *place < job.passed && place + 2 > job.retry_from && *place < last).collect();
        if !due.is_empty() && !self.plan.is(Break::NoRetry) {
            return self.deliver(from, due);
        }
        self.run.job.retry_from = 0;
        if stopped_at > 0 && !second {
            return self.retry(From::Errors { stopped_at, second: true });
        }
        self.run.job.errors_possible = self.state.ledger.rows.iter().any(Option::is_some);
        self.stage(Stage::Finish);
    }

    /// The open errors that a person asked for.
    pub fn retry_these(&mut self, ids: Set) {
        let passed = self.run.job.passed;
        let rows = self.state.ledger.rows.iter().flatten().map(|row| row.place);
        let due = rows.filter(|place| ids.has(self.plan.id_of(*place)) && *place < passed).collect();
        self.deliver(From::These, due);
    }

    /// The run has time for a chunk, or not.
    pub fn time(&mut self, delivery: Delivery, over: bool) {
        if !over {
            return self.next_chunk(delivery);
        }
        match delivery.from {
            From::Head => self.after_drain(true),
            From::Parked => self.clear(Then::Incoming { held: true }),
            From::Incoming => self.stop(false, delivery.rest, self.run.job.hold),
            From::Errors { .. } => {
                self.run.job.retry_from = self.run.job.retry_from.max(1);
                self.stage(Stage::Finish);
            }
            From::These => self.stage(Stage::Finish),
        }
    }

    /// Cuts the next chunk, joins it, and makes sure that none of its ids was sent since the cursor was saved.
    fn next_chunk(&mut self, mut delivery: Delivery) {
        let rows = self.state.ledger.rows;
        let row = |place: u8| rows[usize::from(self.plan.id_of(place))];
        let content = |place: u8| match delivery.from {
            from if from.is_retry() => row(place).expect("an open error of this record"),
            _ => self.plan.content(place),
        };
        let contents: Vec<Content> = delivery.rest.iter().map(content).collect();
        delivery.chunk = contents[..self.plan.chunk(&contents)].to_vec();
        let ids = self.plan.ids_of(delivery.chunk.iter().map(|content| content.place));
        if ids.meets(self.run.window) && !self.plan.is(Break::NoWindow) {
            delivery.step = Step::Checkpoint;
            return self.stage(Stage::Deliver(delivery));
        }
        self.join(delivery);
    }

    fn join(&mut self, mut delivery: Delivery) {
        self.run.window =
            self.run.window.and(self.plan.ids_of(delivery.chunk.iter().map(|content| content.place)));
        delivery.fates = vec![Fate::Unknown; delivery.chunk.len()];
        for (index, content) in (0..).zip(&mut delivery.chunk) {
            let row = self.state.ledger.rows[usize::from(self.plan.id_of(content.place))];
            let Some(row) = row.filter(|_| self.run.job.errors_possible) else { continue };
            delivery.open = delivery.open.with(index);
            if !self.plan.is(Break::NoJoin) {
                *content = self.plan.joined(content.place, *content, row);
            }
        }
        self.prepare(delivery, 0);
    }

    /// Finds the next open row that must be brought up to date before its record is sent.
    fn prepare(&mut self, mut delivery: Delivery, from: u8) {
        let is_old = |index: &u8| {
            let content = delivery.chunk[usize::from(*index)];
            self.state.ledger.rows[usize::from(self.plan.id_of(content.place))] != Some(content)
        };
        let skipped = delivery.from.is_retry() || self.plan.is(Break::NoPrepare);
        let next = delivery.open.iter().filter(|index| *index >= from).find(is_old);
        delivery.step = next.filter(|_| !skipped).map_or(Step::Send, Step::Prepare);
        self.stage(Stage::Deliver(delivery));
    }

    /// Goes on after a write of this chunk.
    pub fn written_in_chunk(&mut self, mut delivery: Delivery, write: Write) {
        match (delivery.step, write) {
            (Step::Checkpoint, _) => {
                self.run.window = Set::default();
                self.join(delivery);
            }
            (Step::Prepare(at), _) => self.prepare(delivery, at + 1),
            (Step::Write(_), Write::Save { .. }) | (Step::Send, _) => self.stage(Stage::Deliver(delivery)),
            (Step::Write(at), write) => {
                self.run.logged |= matches!(write, Write::Put(_));
                self.settle(&delivery, at);
                delivery.step = Step::Write(at + 1);
                self.write_down(delivery);
            }
            (Step::Start, _) => unreachable!("nothing is written before the chunk is cut"),
        }
    }

    /// The cursor passes a record, unless it was passed long ago or is the one that holds the job.
    fn settle(&mut self, delivery: &Delivery, at: u8) {
        let counts = at < delivery.settled(&self.run) && !delivery.from.is_retry();
        if counts {
            self.plan.settle(&mut self.run.job, delivery.chunk[usize::from(at)].place);
        }
    }

    /// Finds the next fate that needs a write, and ends the chunk when there is none.
    pub fn write_down(&mut self, mut delivery: Delivery) {
        let Step::Write(mut at) = delivery.step else { return };
        while usize::from(at) < delivery.fates.len() {
            if delivery.logs(&self.run, at) {
                self.run.job.errors_possible = true;
                if self.plan.is(Break::CursorBeforeRow) {
                    self.settle(&delivery, at);
                }
            }
            if delivery.logs(&self.run, at) || delivery.closes(&self.run, at) {
                delivery.step = Step::Write(at);
                return self.stage(Stage::Deliver(delivery));
            }
            self.settle(&delivery, at);
            at += 1;
        }
        self.end_of_chunk(delivery);
    }

    fn end_of_chunk(&mut self, delivery: Delivery) {
        let places: Set = delivery.chunk.iter().map(|content| content.place).collect();
        let settled = delivery.settled(&self.run);
        if delivery.stopped == Stopped::No {
            if let From::Errors { .. } = delivery.from {
                let last = delivery.chunk.last().map_or(0, |content| content.place);
                self.run.job.retry_from = last + 2;
            }
            return self.deliver(delivery.from, delivery.rest.minus(places));
        }
        let hold = self.hold_of(delivery.stopped, delivery.chunk.get(usize::from(settled)).copied());
        let passed: Set =
            delivery.chunk.iter().take(usize::from(settled)).map(|content| content.place).collect();
        match delivery.from {
            From::Errors { .. } | From::These => self.stage(Stage::Finish),
            From::Incoming => self.stop(false, delivery.rest.minus(passed), hold),
            From::Head => {
                self.run.job.hold = hold;
                self.after_drain(true);
            }
            From::Parked => {
                self.run.job.hold = hold;
                self.clear(Then::Incoming { held: true });
            }
        }
    }
}
