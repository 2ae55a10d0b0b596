//! The clock that stops plugins: one thread that moves the engine's epoch every millisecond while a plugin runs.
//!
//! It reads no time: it sleeps. A host without a running call costs nothing: the thread is parked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use wasmtime::Engine;

/// One tick of the engine's epoch.
const TICK: Duration = Duration::from_millis(1);

/// The thread is parked after so many ticks without a call, so that call after call wakes it once.
const IDLE_TICKS: u32 = 100;

/// The thread. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Ticker {
    state: Arc<State>,
    thread: Thread,
    handle: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    /// Calls in progress.
    running: AtomicUsize,
    parked: AtomicBool,
    ended: AtomicBool,
}

/// A call in progress: the epoch moves while it lives.
pub(crate) struct Running<'a>(&'a Ticker);

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let state = Arc::new(State::default());
        let handle = thread::Builder::new().name("plugin-ticker".to_owned()).spawn({
            let (state, engine) = (state.clone(), engine.clone());
            move || tick(&state, &engine)
        })?;
        Ok(Self { state, thread: handle.thread().clone(), handle: Some(handle) })
    }

    /// To be held while a plugin runs.
    pub(crate) fn run(&self) -> Running<'_> {
        // The thread says that it parks before it looks for calls, and a call says that it runs before it looks whether
        // the thread is parked: whatever the order, one of them sees the other.
        self.state.running.fetch_add(1, Ordering::SeqCst);
        if self.state.parked.load(Ordering::SeqCst) {
            self.thread.unpark();
        }
        Running(self)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.state.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
        self.thread.unpark();
        if let Some(handle) = self.handle.take() {
            // It cannot panic, and if it did there would be nothing to do about it here.
            let _ = handle.join();
        }
    }
}

fn tick(state: &State, engine: &Engine) {
    let mut idle = 0;
    while !state.ended.load(Ordering::SeqCst) {
        if idle >= IDLE_TICKS {
            park(state);
            idle = 0;
        } else {
            thread::sleep(TICK);
            engine.increment_epoch();
            idle = if state.running.load(Ordering::SeqCst) == 0 { idle + 1 } else { 0 };
        }
    }
}

fn park(state: &State) {
    state.parked.store(true, Ordering::SeqCst);
    while state.running.load(Ordering::SeqCst) == 0 && !state.ended.load(Ordering::SeqCst) {
        thread::park();
    }
    state.parked.store(false, Ordering::SeqCst);
}
