//! A module in the making: imports, functions, exports, and at the end the bytes.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use wasm_encoder::{
    CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection,
    Instruction, MemorySection, MemoryType, TypeSection, ValType,
};

use super::lower::lower;
use crate::formula::Formula;
use crate::library::{IMPORTS, Import, Tables};

/// The module that the imports are in.
const IMPORT_MODULE: &str = "crm";

/// A formula of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FormulaId(pub usize);

impl FormulaId {
    /// The export that evaluates it: `(record: i32) -> handle`. The record's number is handed on to the library, which
    /// has one record at a time: 0.
    pub fn export(self) -> String {
        self.to_string()
    }
}

/// `f12`
impl fmt::Display for FormulaId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "f{}", self.0)
    }
}

/// A WASM module with what its code refers to.
#[derive(Debug, Clone)]
pub struct Module {
    /// The bytes.
    pub wasm: Vec<u8>,
    /// For [`Library::new`](crate::library::Library::new).
    pub tables: Tables,
}

/// A function: its parameters are i32 and so is its result, the locals behind them are i64 and then i32.
pub(super) struct Defined {
    pub(super) parameters: u32,
    pub(super) long_locals: u32,
    pub(super) locals: u32,
    pub(super) body: Vec<Instruction<'static>>,
}

/// Emits formulas, and functions that others write around them, into one module.
pub struct Emitter {
    imports: Vec<Import>,
    functions: Vec<Defined>,
    exports: Vec<(String, u32)>,
    formulas: Vec<u32>,
    pub(super) tables: Tables,
    memory_pages: u64,
}

impl Emitter {
    /// An empty module whose imports are [`IMPORTS`] and then `extra`.
    pub fn new(extra: &[Import]) -> Self {
        Self {
            imports: [IMPORTS, extra].concat(),
            functions: Vec::new(),
            exports: Vec::new(),
            formulas: Vec::new(),
            tables: Tables::default(),
            memory_pages: 1,
        }
    }

    /// Adds a formula; it is exported as [`FormulaId::export`] says.
    pub fn add(&mut self, formula: &Formula) -> FormulaId {
        let first = self.tables.sites.len();
        let code = lower(formula.typed(), &mut self.tables);
        self.tables.formulas.push((first, self.tables.sites.len()));
        let id = FormulaId(self.formulas.len());
        let function = self.define(
            Some(id.export()),
            Defined { parameters: 1, long_locals: 0, locals: code.locals() - 1, body: code.instructions },
        );
        self.formulas.push(function);
        id
    }

    /// The index of a formula's function, for `call` in functions of one's own.
    ///
    /// # Panics
    /// If the formula is another emitter's.
    pub fn formula_function(&self, formula: FormulaId) -> u32 {
        self.formulas[formula.0]
    }

    /// The index of an imported function.
    ///
    /// # Panics
    /// If there is no such import.
    pub fn import_function(&self, name: &str) -> u32 {
        let place = self.imports.iter().position(|import| import.name == name);
        index(place.unwrap_or_else(|| panic!("no import is called {name}")))
    }

    /// Adds and exports a function of i32 parameters and an i32 result, with i32 locals behind the parameters. The body
    /// is without the `end` of the function.
    pub fn add_function(
        &mut self,
        export: &str,
        parameters: u32,
        locals: u32,
        body: Vec<Instruction<'static>>,
    ) -> u32 {
        self.define(Some(export.to_owned()), Defined { parameters, long_locals: 0, locals, body })
    }

    pub(super) fn define(&mut self, export: Option<String>, function: Defined) -> u32 {
        let place = index(self.imports.len() + self.functions.len());
        self.functions.push(function);
        self.exports.extend(export.map(|export| (export, place)));
        place
    }

    /// The memory gets at least so many pages of 64 KiB.
    pub(super) fn need_memory(&mut self, pages: u64) {
        self.memory_pages = self.memory_pages.max(pages);
    }

    /// The module.
    pub fn finish(self) -> Module {
        let mut types = Types::default();
        let mut imports = ImportSection::new();
        for import in &self.imports {
            let given = types.of(index(import.arguments));
            imports.import(IMPORT_MODULE, import.name, EntityType::Function(given));
        }
        let (mut functions, mut codes) = (FunctionSection::new(), CodeSection::new());
        for function in &self.functions {
            functions.function(types.of(function.parameters));
            codes.function(&encoded(function));
        }
        let mut memories = MemorySection::new();
        let (minimum, maximum) = (self.memory_pages, None);
        memories.memory(MemoryType {
            minimum,
            maximum,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut exports = ExportSection::new();
        exports.export("memory", ExportKind::Memory, 0);
        for (name, place) in &self.exports {
            exports.export(name, ExportKind::Func, *place);
        }
        let mut module = wasm_encoder::Module::new();
        module.section(&types.section).section(&imports).section(&functions);
        module.section(&memories).section(&exports).section(&codes);
        Module { wasm: module.finish(), tables: self.tables }
    }
}

/// Function types, each once.
#[derive(Default)]
struct Types {
    section: TypeSection,
    known: HashMap<u32, u32>,
}

impl Types {
    /// So many i32 to one i32.
    fn of(&mut self, parameters: u32) -> u32 {
        let next = self.section.len();
        *self.known.entry(parameters).or_insert_with(|| {
            self.section.ty().function((0..parameters).map(|_| ValType::I32), [ValType::I32]);
            next
        })
    }
}

fn encoded(function: &Defined) -> Function {
    let locals = [(function.long_locals, ValType::I64), (function.locals, ValType::I32)];
    let mut encoded = Function::new(locals);
    for instruction in &function.body {
        encoded.instruction(instruction);
    }
    encoded.instruction(&Instruction::End);
    encoded
}

fn index(place: usize) -> u32 {
    u32::try_from(place).expect("a module has less than 2^32 of anything")
}
