//! Progress of bytes: bars on a terminal, a line per file elsewhere, nothing for programs.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal;

/// Bytes from which on a file gets a line of its own.
const WORTH_A_LINE: u64 = 8 << 20;

/// Where progress is shown: on standard error.
#[derive(Debug, Clone)]
pub struct Progress {
    bars: MultiProgress,
    lines: bool,
}

/// The progress of one file.
#[derive(Debug, Clone)]
pub struct Track {
    bar: ProgressBar,
    /// The sentence at the end, where lines are printed.
    line: Option<String>,
}

impl Progress {
    /// Bars on a terminal, lines elsewhere; nothing at all when `quiet`.
    pub fn new(quiet: bool) -> Self {
        let drawn = std::io::stderr().is_terminal() && !quiet;
        let target = if drawn { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bars: MultiProgress::with_draw_target(target), lines: !drawn && !quiet }
    }

    /// Follows `total` bytes of something; `verb` is what is done to it, in the past tense.
    pub fn bytes(&self, verb: &str, name: &str, total: u64) -> Track {
        let bar = self.bars.add(ProgressBar::new(total));
        let template = "{msg:32!} {wide_bar} {bytes:>10} of {total_bytes:10} {bytes_per_sec:>12}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(terminal::plain(name));
        // Small files would drown what matters.
        let line = (self.lines && total >= WORTH_A_LINE)
            .then(|| format!("{verb} {} ({})", terminal::plain(name), HumanBytes(total)));
        Track { bar, line }
    }

    /// Shows that something of unknown length is under way.
    pub fn waiting(&self, what: &str) -> Track {
        let bar = self.bars.add(ProgressBar::new_spinner());
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        if self.lines {
            eprintln!("{what}");
        }
        Track { bar, line: None }
    }

    /// Says something that stays.
    pub fn say(&self, text: &str) {
        if self.lines {
            eprintln!("{text}");
        } else {
            // Hidden bars swallow it, as they should.
            let _ = self.bars.println(text);
        }
    }
}

impl Track {
    /// So many more bytes.
    pub fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    /// So many bytes in all, as after a part was lost.
    pub fn set(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    /// It is done.
    pub fn finish(self) {
        self.bar.finish_and_clear();
        if let Some(line) = self.line {
            eprintln!("{line}");
        }
    }

    /// It is over, without a word.
    pub fn clear(self) {
        self.bar.finish_and_clear();
    }
}
