//! Planted faults: each breaks one port in a way that a careless adapter or caller could. The simulation must find each.
//!
//! They stand in the simulated ports, so no production code carries a switch for them. What would have to be planted in
//! `functions/` itself is not here.

/// A planted fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutant {
    /// The ledger takes writes of a lease that was lost.
    EpochsIgnored,
    /// The ledger gives a lease although another run has it.
    LeaseAlwaysGiven,
    /// The handler deletes messages before their run.
    DeletedBeforeRun,
    /// An export error is written only after the next write of the job (cursor before error row).
    CursorBeforeError,
    /// An export error is never written.
    ErrorForgotten,
    /// A closed export error stays open.
    CloseForgotten,
    /// A page of parked records lacks its last one.
    PageWithoutLast,
    /// A page of parked records lacks its second one.
    PageWithoutSecond,
    /// The last of the records to park is not parked.
    ParkWithoutLast,
    /// One record more is unparked than asked.
    UnparkTooMuch,
    /// The open errors of external ids are never found.
    OpenErrorsNotFound,
    /// Settings are read once and kept.
    SettingsKept,
    /// The CRM adapter sends with partial success whatever it is asked.
    AllOrNoneDropped,
    /// The CRM adapter reads collateral codes as success.
    CollateralReadsAsDone,
    /// The CRM adapter reports rows in reverse.
    RowsReversed,
    /// The CRM adapter reads an outage as a refusal.
    OutageReadsAsRefusal,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::EpochsIgnored,
        Self::LeaseAlwaysGiven,
        Self::DeletedBeforeRun,
        Self::CursorBeforeError,
        Self::ErrorForgotten,
        Self::CloseForgotten,
        Self::PageWithoutLast,
        Self::PageWithoutSecond,
        Self::ParkWithoutLast,
        Self::UnparkTooMuch,
        Self::OpenErrorsNotFound,
        Self::SettingsKept,
        Self::AllOrNoneDropped,
        Self::CollateralReadsAsDone,
        Self::RowsReversed,
        Self::OutageReadsAsRefusal,
    ];
}
