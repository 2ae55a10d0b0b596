//! Reads a query's clauses into [`super::ast`]; conditions are read by [`super::conditions`].
//!
//! Only grammar is judged here: whether names exist is [`super::plan`]'s question. `TYPEOF`, `WITH DATA CATEGORY`,
//! `GROUP BY ROLLUP`, date functions and `toLabel`-like functions are refused with a message that says so.

use super::ast::{Aggregate, AggregateCall, FieldSet, From, Operand, Order, Path, Query, SelectItem};
use super::error::{QueryError, QueryErrorKind};
use super::lexer::{Token, TokenKind, tokens};

/// Words that end the select list or the `FROM` clause and so are no alias.
const CLAUSES: [&str; 12] =
    ["FROM", "USING", "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "UPDATE", "ALL"];

/// Longest query in characters, as Salesforce documents it.
const MOST_CHARACTERS: usize = 100_000;

/// Reads a query.
///
/// # Errors
/// What Salesforce answers `MALFORMED_QUERY` to as far as grammar goes.
pub fn parse(soql: &str) -> Result<Query, QueryError> {
    if soql.chars().count() > MOST_CHARACTERS {
        let limit = "SOQL statements cannot be longer than 100000 characters.";
        return Err(QueryErrorKind::Misuse(limit.to_owned()).into());
    }
    let mut parser = Parser { tokens: tokens(soql)?, next: 0, depth: 0 };
    let query = parser.query(Nesting::Top)?;
    match parser.peek() {
        TokenKind::End => Ok(query),
        _ => Err(parser.unexpected()),
    }
}

/// Where a query stands; it decides what it may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nesting {
    /// The query itself.
    Top,
    /// In the select list.
    Children,
    /// After `IN`.
    SemiJoin,
}

/// A position in the tokens.
pub(super) struct Parser {
    tokens: Vec<Token>,
    next: usize,
    /// Open parentheses of conditions, and queries of semi-joins.
    pub(super) depth: usize,
}

impl Parser {
    pub(super) fn peek(&self) -> &TokenKind {
        self.ahead(0)
    }

    /// The kind of the token this far after the next one.
    pub(super) fn ahead(&self, distance: usize) -> &TokenKind {
        self.tokens.get(self.next + distance).map_or(&TokenKind::End, |token| &token.kind)
    }

    /// Byte offset of the next token.
    pub(super) fn at(&self) -> usize {
        self.tokens.get(self.next).or(self.tokens.last()).map_or(0, |token| token.at)
    }

    pub(super) fn advance(&mut self) {
        self.next = (self.next + 1).min(self.tokens.len());
    }

    pub(super) fn unexpected(&self) -> QueryError {
        QueryErrorKind::UnexpectedToken(self.peek().shown()).at(self.at())
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), TokenKind::Symbol(found) if *found == symbol)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), TokenKind::Word(found) if found.eq_ignore_ascii_case(word))
    }

    /// Takes the symbol if it is next.
    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    /// Takes the word if it is next.
    pub(super) fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn expect_symbol(&mut self, symbol: &str) -> Result<(), QueryError> {
        match self.symbol(symbol) {
            true => Ok(()),
            false if symbol == ")" => {
                Err(QueryErrorKind::MissingParenthesis(self.peek().shown()).at(self.at()))
            }
            false => Err(self.unexpected()),
        }
    }

    fn expect_word(&mut self, word: &str) -> Result<(), QueryError> {
        if self.word(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn name(&mut self) -> Result<String, QueryError> {
        match self.peek() {
            TokenKind::Word(name) => {
                let name = name.clone();
                self.advance();
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// `Account.Owner.Name`.
    pub(super) fn path(&mut self) -> Result<Path, QueryError> {
        let at = self.at();
        let mut parts = vec![self.name()?];
        while self.symbol(".") {
            parts.push(self.name()?);
        }
        Ok(Path { parts, at })
    }

    /// A name that begins no clause.
    fn alias(&mut self) -> Option<String> {
        match self.peek() {
            TokenKind::Word(word) if !CLAUSES.iter().any(|clause| clause.eq_ignore_ascii_case(word)) => {
                let word = word.clone();
                self.advance();
                Some(word)
            }
            _ => None,
        }
    }

    fn count(&mut self) -> Result<u64, QueryError> {
        match self.peek() {
            TokenKind::Number(digits) => match digits.parse() {
                Ok(count) => {
                    self.advance();
                    Ok(count)
                }
                Err(_) => Err(self.unexpected()),
            },
            _ => Err(self.unexpected()),
        }
    }

    pub(super) fn query(&mut self, nesting: Nesting) -> Result<Query, QueryError> {
        self.expect_word("SELECT")?;
        let (select, count_only) = self.select_list(nesting)?;
        self.expect_word("FROM")?;
        let from = self.from()?;
        let condition = if self.word("WHERE") { Some(self.condition()?) } else { None };
        self.refuse("WITH")?;
        let (mut group_by, mut having) = (Vec::new(), None);
        if self.word("GROUP") {
            self.expect_word("BY")?;
            group_by = self.group_by()?;
        }
        if self.word("HAVING") {
            having = Some(self.condition()?);
        }
        let order_by = self.order_by()?;
        let limit = if self.word("LIMIT") { Some(self.count()?) } else { None };
        let at = self.at();
        let offset = if self.word("OFFSET") { Some((self.count()?, at)) } else { None };
        let all_rows = self.endings()?;
        Ok(Query { select, count_only, from, condition, group_by, having, order_by, limit, offset, all_rows })
    }

    /// Says that the sandbox lacks this clause, if it is next.
    fn refuse(&self, clause: &str) -> Result<(), QueryError> {
        match self.is_word(clause) {
            true => Err(QueryErrorKind::NotInSandbox(clause.to_owned()).at(self.at())),
            false => Ok(()),
        }
    }

    /// The items, or none for `COUNT()`.
    fn select_list(&mut self, nesting: Nesting) -> Result<(Vec<SelectItem>, bool), QueryError> {
        if self.is_word("COUNT")
            && *self.ahead(1) == TokenKind::Symbol("(")
            && *self.ahead(2) == TokenKind::Symbol(")")
        {
            self.next += 3;
            return Ok((Vec::new(), true));
        }
        let mut items = vec![self.select_item(nesting)?];
        while self.symbol(",") {
            items.push(self.select_item(nesting)?);
        }
        Ok((items, false))
    }

    fn select_item(&mut self, nesting: Nesting) -> Result<SelectItem, QueryError> {
        if self.is_word("FROM") {
            return Err(self.unexpected());
        }
        let at = self.at();
        if self.is_word("TYPEOF") && matches!(self.ahead(1), TokenKind::Word(_)) {
            return Err(QueryErrorKind::NotInSandbox("TYPEOF".to_owned()).at(at));
        }
        if nesting == Nesting::Top && self.symbol("(") {
            let children = self.query(Nesting::Children)?;
            self.expect_symbol(")")?;
            return Ok(SelectItem::Children(Box::new(children)));
        }
        if self.is_word("FIELDS") && *self.ahead(1) == TokenKind::Symbol("(") {
            self.advance();
            return Ok(SelectItem::Fields { set: self.field_set()?, at });
        }
        match self.operand()? {
            Operand::Path(path) => Ok(SelectItem::Field { path, alias: self.alias() }),
            Operand::Aggregate(call) => Ok(SelectItem::Aggregate { call, alias: self.alias() }),
        }
    }

    fn field_set(&mut self) -> Result<FieldSet, QueryError> {
        self.expect_symbol("(")?;
        let set = [("ALL", FieldSet::All), ("STANDARD", FieldSet::Standard), ("CUSTOM", FieldSet::Custom)]
            .into_iter()
            .find(|(word, _)| self.is_word(word));
        let Some((_, set)) = set else { return Err(self.unexpected()) };
        self.advance();
        self.expect_symbol(")")?;
        Ok(set)
    }

    /// A field or an aggregate call.
    pub(super) fn operand(&mut self) -> Result<Operand, QueryError> {
        let at = self.at();
        let path = self.path()?;
        if !self.is_symbol("(") {
            return Ok(Operand::Path(path));
        }
        let name = path.text();
        let functions = [
            ("COUNT", Aggregate::Count),
            ("COUNT_DISTINCT", Aggregate::CountDistinct),
            ("SUM", Aggregate::Sum),
            ("AVG", Aggregate::Avg),
            ("MIN", Aggregate::Min),
            ("MAX", Aggregate::Max),
        ];
        let function = functions.into_iter().find(|(word, _)| word.eq_ignore_ascii_case(&name));
        let Some((_, function)) = function else {
            return Err(QueryErrorKind::NotInSandbox(format!("the function {name}()")).at(at));
        };
        self.advance();
        let path = self.path()?;
        self.expect_symbol(")")?;
        Ok(Operand::Aggregate(AggregateCall { function, path }))
    }

    fn from(&mut self) -> Result<From, QueryError> {
        let at = self.at();
        let name = self.path()?.text();
        let alias = if self.word("AS") { Some(self.name()?) } else { self.alias() };
        if self.is_symbol(",") {
            return Err(QueryErrorKind::NotInSandbox("a second object in FROM".to_owned()).at(self.at()));
        }
        if self.word("USING") {
            self.expect_word("SCOPE")?;
            self.name()?;
        }
        Ok(From { name, alias, at })
    }

    fn group_by(&mut self) -> Result<Vec<Path>, QueryError> {
        let mut paths = Vec::new();
        loop {
            let at = self.at();
            let path = self.path()?;
            if self.is_symbol("(") {
                return Err(QueryErrorKind::NotInSandbox(format!("GROUP BY {}()", path.text())).at(at));
            }
            paths.push(path);
            if !self.symbol(",") {
                return Ok(paths);
            }
        }
    }

    fn order_by(&mut self) -> Result<Vec<Order>, QueryError> {
        let mut orders = Vec::new();
        if !self.word("ORDER") {
            return Ok(orders);
        }
        self.expect_word("BY")?;
        loop {
            let operand = self.operand()?;
            let descending = self.word("DESC");
            if !descending {
                self.word("ASC");
            }
            let mut nulls_last = false;
            if self.word("NULLS") {
                nulls_last = self.word("LAST");
                if !nulls_last {
                    self.expect_word("FIRST")?;
                }
            }
            orders.push(Order { operand, descending, nulls_last });
            if !self.symbol(",") {
                return Ok(orders);
            }
        }
    }

    /// `FOR VIEW`, `FOR REFERENCE`, `FOR UPDATE`, `UPDATE TRACKING`: accepted without effect. Says whether `ALL ROWS`
    /// was among them.
    fn endings(&mut self) -> Result<bool, QueryError> {
        let mut all_rows = false;
        loop {
            if self.word("FOR") {
                if !(self.word("VIEW") || self.word("REFERENCE") || self.word("UPDATE")) {
                    return Err(self.unexpected());
                }
            } else if self.word("UPDATE") {
                self.name()?;
            } else if self.word("ALL") {
                self.expect_word("ROWS")?;
                all_rows = true;
            } else {
                return Ok(all_rows);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ast::{Condition, Literal, LiteralValue};
    use super::*;

    /// The query with every join in parentheses and every default spelled out.
    fn show(query: &Query) -> String {
        let select: Vec<String> = query.select.iter().map(show_item).collect();
        let select = if query.count_only { "COUNT()".to_owned() } else { select.join(", ") };
        let alias = query.from.alias.as_ref().map(|alias| format!(" AS {alias}")).unwrap_or_default();
        let mut text = format!("SELECT {select} FROM {}{alias}", query.from.name);
        let condition = |word: &str, condition: &Option<Condition>| {
            condition
                .as_ref()
                .map(|condition| format!(" {word} {}", show_condition(condition)))
                .unwrap_or_default()
        };
        text += &condition("WHERE", &query.condition);
        if !query.group_by.is_empty() {
            text += &format!(
                " GROUP BY {}",
                query.group_by.iter().map(Path::text).collect::<Vec<_>>().join(", ")
            );
        }
        text += &condition("HAVING", &query.having);
        for order in &query.order_by {
            let direction = if order.descending { "DESC" } else { "ASC" };
            let nulls = if order.nulls_last { "LAST" } else { "FIRST" };
            text += &format!(" BY {} {direction} NULLS {nulls}", show_operand(&order.operand));
        }
        text += &query.limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
        text += &query.offset.map(|(offset, _)| format!(" OFFSET {offset}")).unwrap_or_default();
        text + if query.all_rows { " ALL ROWS" } else { "" }
    }

    fn show_item(item: &SelectItem) -> String {
        let named = |text: String, alias: &Option<String>| match alias {
            Some(alias) => format!("{text} AS {alias}"),
            None => text,
        };
        match item {
            SelectItem::Field { path, alias } => named(path.text(), alias),
            SelectItem::Aggregate { call, alias } => {
                named(show_operand(&Operand::Aggregate(call.clone())), alias)
            }
            SelectItem::Fields { set, .. } => format!("FIELDS({set:?})"),
            SelectItem::Children(query) => format!("({})", show(query)),
        }
    }

    fn show_operand(operand: &Operand) -> String {
        match operand {
            Operand::Path(path) => path.text(),
            Operand::Aggregate(call) => format!("{:?}({})", call.function, call.path.text()),
        }
    }

    fn show_condition(condition: &Condition) -> String {
        let join = |terms: &[Condition], word: &str| {
            format!("({})", terms.iter().map(show_condition).collect::<Vec<_>>().join(word))
        };
        let list = |values: &[Literal]| values.iter().map(show_literal).collect::<Vec<_>>().join(", ");
        let not = |negated: &bool| if *negated { "NOT " } else { "" };
        match condition {
            Condition::And(terms) => join(terms, " AND "),
            Condition::Or(terms) => join(terms, " OR "),
            Condition::Not(term) => format!("NOT {}", show_condition(term)),
            Condition::Compare { operand, operator, value } => {
                format!("{} {operator:?} {}", show_operand(operand), show_literal(value))
            }
            Condition::In { operand, negated, values } => {
                format!("{} {}IN ({})", show_operand(operand), not(negated), list(values))
            }
            Condition::SemiJoin { operand, negated, query } => {
                format!("{} {}IN ({})", show_operand(operand), not(negated), show(query))
            }
            Condition::Includes { operand, negated, values } => {
                format!("{} {}INCLUDES ({})", show_operand(operand), not(negated), list(values))
            }
        }
    }

    fn show_literal(literal: &Literal) -> String {
        match &literal.value {
            LiteralValue::Text(text) => format!("'{text}'"),
            LiteralValue::Number(digits) => digits.clone(),
            LiteralValue::Date(date) => date.to_string(),
            LiteralValue::DateTime(at) => crate::values::datetime_text(*at),
            other => format!("{other:?}"),
        }
    }

    fn check(soql: &str, expected: &str) {
        let shown = parse(soql).map(|query| show(&query)).unwrap_or_else(|error| error.message(soql));
        assert_eq!(shown, expected, "{soql}");
    }

    #[test]
    fn select_and_from() {
        check("select Id from Account", "SELECT Id FROM Account");
        check("SELECT a.Id, a.Owner.Name FROM Account a", "SELECT a.Id, a.Owner.Name FROM Account AS a");
        check("SELECT Id FROM Account AS a LIMIT 1", "SELECT Id FROM Account AS a LIMIT 1");
        check("SELECT\nCOUNT()\nFROM Account", "SELECT COUNT() FROM Account");
        check("SELECT Count FROM Group", "SELECT Count FROM Group");
        check("SELECT Id, Order, Group FROM Order", "SELECT Id, Order, Group FROM Order");
        check(
            "SELECT COUNT(Id), count_distinct(Name) n, SUM(Amount), avg(a) b, MIN(a), MAX(a) FROM X__c",
            "SELECT Count(Id), CountDistinct(Name) AS n, Sum(Amount), Avg(a) AS b, Min(a), Max(a) FROM X__c",
        );
        check("SELECT FIELDS(ALL) FROM Account LIMIT 200", "SELECT FIELDS(All) FROM Account LIMIT 200");
        check(
            "SELECT Id, (SELECT Id FROM Contacts WHERE Email != null LIMIT 2) FROM Account",
            "SELECT Id, (SELECT Id FROM Contacts WHERE Email NotEqual Null LIMIT 2) FROM Account",
        );
    }

    #[test]
    fn conditions() {
        let where_clause = |condition: &str, expected: &str| {
            check(
                &format!("SELECT Id FROM A WHERE {condition}"),
                &format!("SELECT Id FROM A WHERE {expected}"),
            );
        };
        where_clause(
            "a = 1 AND b <> -2.5 AND c != 'x'",
            "(a Equal 1 AND b NotEqual -2.5 AND c NotEqual 'x')",
        );
        where_clause("a=1 or (b=2 and c=3)", "(a Equal 1 OR (b Equal 2 AND c Equal 3))");
        where_clause("NOT a LIKE 'it\\'s\\_%'", "NOT a Like 'it's\\_%'");
        where_clause("a = 1 AND (NOT b = TRUE)", "(a Equal 1 AND NOT b Equal Boolean(true))");
        where_clause("((a <= 1))", "a LessOrEqual 1");
        where_clause("a.b__r.c__c IN ('x', 'y')", "a.b__r.c__c IN ('x', 'y')");
        where_clause("Id NOT IN (SELECT A__c FROM B)", "Id NOT IN (SELECT A__c FROM B)");
        where_clause(
            "m INCLUDES ('a;b') AND n EXCLUDES ('c')",
            "(m INCLUDES ('a;b') AND n NOT INCLUDES ('c'))",
        );
        where_clause("d > 2026-11-23", "d Greater 2026-11-23");
        where_clause("d >= 2026-11-23T00:30:00+01:00", "d GreaterOrEqual 2026-11-22T23:30:00.000+0000");
        where_clause(
            "d < LAST_N_DAYS:3 OR d = null",
            "(d Less Period(Period { unit: Day, first: -3, count: 4 }) OR d Equal Null)",
        );
    }

    #[test]
    fn grouping_order_and_endings() {
        check(
            "SELECT Name n, COUNT(Id) c FROM A GROUP BY Name HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC, Name",
            "SELECT Name AS n, Count(Id) AS c FROM A GROUP BY Name HAVING Count(Id) Greater 1 \
             BY Count(Id) DESC NULLS FIRST BY Name ASC NULLS FIRST",
        );
        check(
            "SELECT Id FROM A USING SCOPE mine ORDER BY B.C ASC NULLS LAST LIMIT 5 OFFSET 10 FOR VIEW ALL ROWS",
            "SELECT Id FROM A BY B.C ASC NULLS LAST LIMIT 5 OFFSET 10 ALL ROWS",
        );
        check("SELECT Id FROM A FOR REFERENCE UPDATE TRACKING", "SELECT Id FROM A");
    }

    fn check_refused(soql: &str, culprit: &str, kind: QueryErrorKind) {
        let at = if culprit == "<EOF>" { soql.len() } else { soql.rfind(culprit).expect("culprit") };
        assert_eq!(parse(soql), Err(kind.at(at)), "{soql}");
    }

    #[test]
    fn grammar_errors_name_the_token() {
        let unexpected = |soql: &str, culprit: &str| {
            check_refused(soql, culprit, QueryErrorKind::UnexpectedToken(culprit.into()));
        };
        unexpected("", "<EOF>");
        unexpected("SELECT", "<EOF>");
        unexpected("SELECT Id", "<EOF>");
        unexpected("SELECT , Id FROM A", ",");
        unexpected("SELECT Id, FROM A", "FROM");
        unexpected("SELECT * FROM A", "*");
        unexpected("UPDATE A", "UPDATE");
        unexpected("SELECT Id FROM A WHERE", "<EOF>");
        unexpected("SELECT Id FROM A WHERE b", "<EOF>");
        unexpected("SELECT Id FROM A WHERE b IS NULL", "IS");
        unexpected("SELECT Id FROM A WHERE b = x", "x");
        unexpected("SELECT Id FROM A WHERE a = 1 AND b = 2 OR c = 3", "OR");
        unexpected("SELECT Id FROM A WHERE a = 1 OR b = 2 AND c = 3", "AND");
        unexpected("SELECT Id FROM A WHERE a = 1 AND NOT b = 2", "NOT");
        unexpected("SELECT Id FROM A WHERE NOT a = 1 AND b = 2", "AND");
        unexpected("SELECT Id FROM A LIMIT x", "x");
        unexpected("SELECT Id FROM A LIMIT -1", "-1");
        unexpected("SELECT Id FROM A LIMIT 1 WHERE", "WHERE");
        unexpected("SELECT Id FROM A; DELETE", ";");
        unexpected("SELECT Id FROM A WHERE b IN ()", ")");
        unexpected("SELECT Id FROM A ORDER Name", "Name");
    }

    #[test]
    fn other_errors() {
        let missing = QueryErrorKind::MissingParenthesis("<EOF>".into());
        check_refused("SELECT Id FROM A WHERE (b = 1", "<EOF>", missing);
        check_refused("SELECT Id FROM A WHERE b = :x", ":", QueryErrorKind::BindVariable);
        check_refused(
            "SELECT Id FROM A WHERE b = 2026-02-30",
            "2026",
            QueryErrorKind::BadDate("2026-02-30".into()),
        );
        check_refused("SELECT Id FROM A WHERE b = '\\q'", "'\\q'", QueryErrorKind::BadEscape("\\q".into()));
        let sandbox = |soql: &str, culprit: &str, what: &str| {
            check_refused(soql, culprit, QueryErrorKind::NotInSandbox(what.into()));
        };
        sandbox("SELECT TYPEOF What WHEN Account THEN Phone END FROM Event", "TYPEOF", "TYPEOF");
        sandbox("SELECT toLabel(Status) FROM Lead", "toLabel", "the function toLabel()");
        sandbox("SELECT Id FROM A WITH SECURITY_ENFORCED", "WITH", "WITH");
        sandbox("SELECT COUNT(Id) FROM A GROUP BY ROLLUP(b)", "ROLLUP", "GROUP BY ROLLUP()");
        sandbox("SELECT Id FROM Account a, a.Contacts c", ",", "a second object in FROM");
        for (once, times) in [("(", 50_000), ("Id IN (SELECT Id FROM A WHERE ", 3_000)] {
            let deep = format!("SELECT Id FROM A WHERE {}", once.repeat(times));
            assert_eq!(parse(&deep).map_err(|error| error.kind.code()), Err("MALFORMED_QUERY"));
        }
        assert_eq!(parse(&"x".repeat(100_001)).map_err(|error| error.kind.code()), Err("MALFORMED_QUERY"));
    }
}
