//! What people read: tables, colours, findings. Colours only on a terminal, and none with `NO_COLOR`.

use std::io::{self, Write as _};

use anyhow::Context;
use chrono::{DateTime, Utc};
use comfy_table::{ContentArrangement, Table, presets};
use console::Style;
use serde::Serialize;

use crate::domain::release::State;
use crate::domain::verdict::Verdict;

/// Prints a text on standard output. A reader that has gone is no failure.
///
/// # Errors
/// When it cannot be written for another reason.
pub fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("standard output cannot be written")
        }
        _ => Ok(()),
    }
}

/// Prints a value as JSON, for programs.
///
/// # Errors
/// As [`print`].
pub fn print_json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// A table as wide as the terminal, with a header.
pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.iter().map(|name| strong(&name.to_uppercase())));
    table
}

/// A table as text, without blanks at the ends of lines.
pub fn drawn(table: &Table) -> String {
    format!("{}\n", table.trim_fmt())
}

/// Text that others wrote, with nothing in it that a terminal obeys.
pub fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\n' { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

/// A time as people read it, in UTC.
pub fn time(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "-".into(), |at| at.format("%Y-%m-%d %H:%M").to_string())
}

/// A verdict, coloured.
pub fn verdict(verdict: Verdict) -> String {
    let style = match verdict {
        Verdict::Compatible => Style::new().green(),
        Verdict::Unknown => Style::new().yellow(),
        Verdict::Incompatible => Style::new().red(),
    };
    style.apply_to(verdict.as_str()).to_string()
}

/// A state, coloured.
pub fn state(state: State) -> String {
    let style = match state {
        State::Published => Style::new().green(),
        State::Draft | State::Verifying | State::InReview => Style::new().cyan(),
        State::Deprecated | State::Yanked => Style::new().yellow(),
        State::Rejected | State::Quarantined => Style::new().red(),
    };
    style.apply_to(state.as_str()).to_string()
}

/// A text that matters less.
pub fn faint(text: &str) -> String {
    Style::new().dim().apply_to(plain(text)).to_string()
}

/// A text that matters more.
pub fn strong(text: &str) -> String {
    Style::new().bold().apply_to(plain(text)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_of_others_do_not_reach_the_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\nc\u{9b}d"), "a\\u{1b}[31mb\nc\\u{9b}d");
    }
}
