//! What a rule says about itself.

/// What a rule says about itself: its name, the objects it judges, the fields it reads, and when it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its name in reports: letters, digits, `-` and `_`, at most 80.
    pub name: String,
    /// API names of objects.
    pub objects: Vec<String>,
    /// API names of fields, or paths over lookups (`Account.Owner.Name`).
    pub fields: Vec<String>,
    /// When it is asked.
    pub triggers: Vec<Trigger>,
}

/// When a rule is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trigger {
    /// At which step of the save.
    pub phase: Phase,
    /// At what.
    pub event: Event,
}

/// A step of the save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Before validation rules; what is changed now is checked by them and stored.
    BeforeSave,
    /// After the record is stored; what is changed now is a second save.
    AfterSave,
}

/// What happens to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It is created.
    Create,
    /// It is changed.
    Update,
    /// It is deleted.
    Delete,
}

impl Description {
    /// A rule with this name, which is asked nothing yet.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), objects: Vec::new(), fields: Vec::new(), triggers: Vec::new() }
    }

    /// Judges records of this object; may be said for several.
    pub fn object(mut self, object: &str) -> Self {
        self.objects.push(object.to_owned());
        self
    }

    /// Reads these fields: no others are given to it. A field that an object does not have is blank there.
    pub fn fields(mut self, fields: &[&str]) -> Self {
        self.fields.extend(fields.iter().map(|field| (*field).to_owned()));
        self
    }

    /// Is asked before a record is created.
    pub fn before_create(self) -> Self {
        self.on(Phase::BeforeSave, Event::Create)
    }

    /// Is asked before a record is changed.
    pub fn before_update(self) -> Self {
        self.on(Phase::BeforeSave, Event::Update)
    }

    /// Is asked at this step of this event.
    pub fn on(mut self, phase: Phase, event: Event) -> Self {
        self.triggers.push(Trigger { phase, event });
        self
    }
}
