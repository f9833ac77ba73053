//! Hears what a process of the engine says: its reports, and on the way what it does.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

use crate::domain::smoke::{Job, Report, Step};

/// Why a stream was not read to its end.
pub(super) enum Unread {
    /// It is longer than it may be.
    TooMuch,
    /// Nothing came for longer than a report may take.
    TooSlow,
    /// Reading failed.
    Failed(io::Error),
}

/// The reports that were heard.
#[derive(Default)]
pub(super) struct Heard {
    /// How many, and whether something else came after them.
    pub(super) count: usize,
    pub(super) garbled: bool,
    /// The last one: it may yet be taken back.
    pub(super) held: Option<Report>,
}

impl Heard {
    /// Hears reports, a line each of at most `most` bytes; tells one when the next has come.
    pub(super) async fn listen(
        &mut self,
        stream: Option<impl AsyncRead + Unpin>,
        job: &Job,
        most: usize,
        mut on_report: impl FnMut(Report),
    ) -> Result<(), Unread> {
        let Some(stream) = stream else { return Ok(()) };
        let mut lines = BufReader::new(stream);
        let mut line = Vec::new();
        let wall = Duration::from_secs(job.limits.wall_seconds);
        let mut left = most.saturating_mul(job.reports());
        loop {
            line.clear();
            let mut bounded = (&mut lines).take(most as u64 + 1);
            let length = tokio::time::timeout(wall, bounded.read_until(b'\n', &mut line))
                .await
                .map_err(|_| Unread::TooSlow)?;
            if length.map_err(Unread::Failed)? == 0 {
                return Ok(());
            }
            left = left.checked_sub(line.len()).filter(|_| line.len() <= most).ok_or(Unread::TooMuch)?;
            match serde_json::from_slice(&line) {
                Ok(report) if self.count < job.reports() && !self.garbled => {
                    self.count += 1;
                    if let Some(sure) = self.held.replace(report) {
                        on_report(sure);
                    }
                }
                _ => self.garbled = true,
            }
        }
    }
}

/// All of a stream of at most `most` bytes, less the lines that name the engine's next step: those are told as
/// they come.
pub(super) async fn told(
    stream: Option<impl AsyncRead + Unpin>,
    most: usize,
    mut on_step: impl FnMut(Step),
) -> Result<Vec<u8>, Unread> {
    let (mut rest, mut line) = (Vec::new(), Vec::new());
    let Some(stream) = stream else { return Ok(rest) };
    let mut lines = BufReader::new(stream.take(most as u64 + 1));
    let (mut read, mut last) = (0, None);
    loop {
        line.clear();
        let length = lines.read_until(b'\n', &mut line).await.map_err(Unread::Failed)?;
        read += length;
        match Step::of_line(&line).filter(|step| Some(*step) > last) {
            _ if read > most => return Err(Unread::TooMuch),
            _ if length == 0 => return Ok(rest),
            Some(step) => {
                last = Some(step);
                on_step(step);
            }
            None => rest.append(&mut line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn heard(text: &str, most: usize) -> (Vec<Step>, Option<String>) {
        let mut steps = Vec::new();
        let rest = told(Some(text.as_bytes()), most, |step| steps.push(step)).await;
        (steps, rest.ok().map(|rest| String::from_utf8(rest).unwrap()))
    }

    #[tokio::test]
    async fn known_steps_are_told_and_all_else_is_kept() {
        let (steps, rest) = heard("step: loading\nhello\nstep: evil\nstep: drift\nbye", 1000).await;
        assert_eq!(steps, [Step::Loading, Step::Drift]);
        assert_eq!(rest.as_deref(), Some("hello\nstep: evil\nbye"));
    }

    #[tokio::test]
    async fn a_module_that_prints_steps_cannot_go_back_or_flood() {
        let lies = "step: evaluation\nstep: loading\n".repeat(1000);
        let (steps, rest) = heard(&lies, 1 << 20).await;
        assert_eq!(steps, [Step::Evaluation]);
        assert!(rest.is_some_and(|rest| rest.len() > 30_000));
        assert_eq!(heard(&lies, 1000).await, (vec![Step::Evaluation], None));
    }

    #[tokio::test]
    async fn exactly_as_much_as_is_allowed_is_read() {
        assert_eq!(heard("12345", 5).await.1.as_deref(), Some("12345"));
        assert_eq!(heard("123456", 5).await.1, None);
        assert_eq!(heard("", 0).await.1.as_deref(), Some(""));
    }
}
