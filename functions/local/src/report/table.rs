//! Tables: aligned columns that fit the terminal. The widest column gives way first; nothing is cut in a pipe.

use super::style::STRONG;

/// The least that is left of a column.
const NARROWEST: usize = 8;
const GAP: usize = 2;

/// Rows of text under a header.
#[derive(Debug, Default)]
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Columns that keep their width: what people copy from the table.
    kept: Vec<usize>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(|name| (*name).to_owned()).collect(), ..Self::default() }
    }

    /// Never cuts this column.
    pub(crate) fn keep(mut self, column: usize) -> Self {
        self.kept.push(column);
        self
    }

    /// Adds a row. Line ends become blanks.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells.into_iter().map(|cell| cell.replace(['\n', '\r', '\t'], " ")).collect());
    }

    /// The table as text. `width` is the terminal's, `None` when there is none.
    pub(crate) fn render(&self, width: Option<usize>) -> String {
        let mut widths: Vec<usize> = self.header.iter().map(|name| letters(name)).collect();
        for row in &self.rows {
            for (column, cell) in widths.iter_mut().zip(row) {
                *column = (*column).max(letters(cell));
            }
        }
        if let Some(width) = width {
            self.shrink(&mut widths, width);
        }
        let header = line(&self.header, &widths);
        let mut text = format!("{STRONG}{header}{STRONG:#}\n");
        for row in &self.rows {
            text.push_str(&line(row, &widths));
            text.push('\n');
        }
        text
    }

    fn shrink(&self, widths: &mut [usize], width: usize) {
        loop {
            let total: usize = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
            let excess = total.saturating_sub(width);
            let may_shrink =
                |(column, width): &(usize, usize)| *width > NARROWEST && !self.kept.contains(column);
            let candidates = || widths.iter().copied().enumerate().filter(may_shrink);
            let Some((widest, size)) = candidates().max_by_key(|(_, width)| *width) else { return };
            if excess == 0 {
                return;
            }
            // Down to the next narrower column, so that two long columns share what there is.
            let next = candidates().filter(|(column, _)| *column != widest).map(|(_, width)| width).max();
            let floor = next.unwrap_or(NARROWEST).max(NARROWEST).min(size - 1);
            widths[widest] = size.saturating_sub(excess).max(floor);
        }
    }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let mut text = String::new();
    for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
        if at > 0 {
            text.push_str(&" ".repeat(GAP));
        }
        let cell = cut(cell, *width);
        text.push_str(&cell);
        text.push_str(&" ".repeat(width - letters(&cell)));
    }
    text.truncate(text.trim_end().len());
    text
}

fn cut(cell: &str, width: usize) -> String {
    if letters(cell) <= width {
        return cell.to_owned();
    }
    cell.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

fn letters(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(width: Option<usize>, expected: &[&str]) {
        let mut table = Table::new(&["ID", "CODE", "MESSAGE"]).keep(0);
        table.row(vec![
            "0123456789ab".into(),
            "MISSING_REQUIRED_FIELD".into(),
            "Required fields\nare missing".into(),
        ]);
        table.row(vec!["1".into(), "É".into(), String::new()]);
        let plain = anstream::adapter::strip_str(&table.render(width)).to_string();
        assert_eq!(plain.lines().collect::<Vec<_>>(), expected, "{width:?}");
    }

    #[test]
    fn a_table_fits_the_terminal() {
        check(
            None,
            &[
                "ID            CODE                    MESSAGE",
                "0123456789ab  MISSING_REQUIRED_FIELD  Required fields are missing",
                "1             É",
            ],
        );
        check(
            Some(50),
            &[
                "ID            CODE               MESSAGE",
                "0123456789ab  MISSING_REQUIRED…  Required fields …",
                "1             É",
            ],
        );
        check(
            Some(10),
            &["ID            CODE      MESSAGE", "0123456789ab  MISSING…  Require…", "1             É"],
        );
    }
}
