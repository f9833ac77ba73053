//! Reading an untrusted file in bounded steps: this says which bytes it wants, and whoever has the
//! file (a folder, an object store) brings them.
//!
//! ```text
//! let mut reading = Reading::start(path, size);
//! while let Some(range) = reading.next() {
//!     reading.feed(&store.read(range)?);
//! }
//! let facts = reading.finish();
//! ```
//!
//! A range has at most [`MAX_RANGE_BYTES`]; about as much is held at a time.

use std::ops::Range;

use super::finding::{Finding, Severity};
use super::formats::{self, Format, pickle, zip};
use super::name::FilePath;
use super::tokenization;
use super::weights::{BadWeights, Header, MAX_HEADER_BYTES, PREFIX_BYTES};

/// The longest range ever asked for, in bytes.
pub const MAX_RANGE_BYTES: u64 = MAX_HEADER_BYTES + PREFIX_BYTES;

const WINDOW_BYTES: u64 = 64 << 10;
/// Longest line of text in a pickle that is looked for.
const LONG_WINDOW_BYTES: u64 = 1 << 20;
/// Windows after which a file that may still be a pickle counts as one.
const MAX_WINDOWS: u32 = 32;
/// The longest config or model card read, in bytes.
const MAX_TEXT_BYTES: u64 = 1 << 20;
/// The longest file about tokens read, in bytes: some list thousands of added tokens.
const MAX_TOKENIZATION_BYTES: u64 = 4 << 20;
/// The longest index of shards read, in bytes: those of the largest models have nine millions.
const MAX_INDEX_BYTES: u64 = 16 << 20;

/// What was learnt of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileFacts {
    /// Its path in the release.
    pub path: FilePath,
    /// Its length in bytes.
    pub size: u64,
    /// What it is.
    pub format: Format,
    /// Its tensors, where it is a sound safetensors file.
    pub header: Option<Header>,
    /// All its bytes, where it is a config, an index of shards or a model card of acceptable length.
    pub content: Option<Vec<u8>>,
    /// What is wrong with it by itself.
    pub findings: Vec<Finding>,
}

/// One file being read.
#[derive(Debug)]
pub struct Reading {
    path: FilePath,
    size: u64,
    /// The file's first bytes, as many as have been read without a gap.
    prefix: Vec<u8>,
    walk: pickle::Walk,
    windows: u32,
    state: State,
    format: Format,
    header: Option<Header>,
    keep: bool,
    findings: Vec<Finding>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// The first window.
    First,
    /// A window further on, to follow what may be a pickle.
    Window(Range<u64>),
    /// The end of a zip archive.
    Tail,
    /// The directory of a zip archive.
    Directory(Range<u64>),
    /// What is missing of a safetensors header.
    Header(Range<u64>),
    /// What is missing of a text.
    Rest(Range<u64>),
    Done,
}

impl Reading {
    /// Begins to read a file of this path and length.
    pub fn start(path: FilePath, size: u64) -> Self {
        let state = if size == 0 { State::Done } else { State::First };
        let mut reading = Self {
            path,
            size,
            prefix: Vec::new(),
            walk: pickle::Walk::default(),
            windows: 0,
            state,
            format: Format::Text,
            header: None,
            keep: false,
            findings: Vec::new(),
        };
        if size == 0 {
            reading.settle();
        }
        reading
    }

    /// The bytes wanted next, never empty; `None` when enough is known.
    pub fn next(&self) -> Option<Range<u64>> {
        match &self.state {
            State::First => Some(0..self.size.min(WINDOW_BYTES)),
            State::Tail => Some(self.size.saturating_sub(zip::TAIL_BYTES)..self.size),
            State::Window(range) | State::Directory(range) | State::Header(range) | State::Rest(range) => {
                Some(range.clone())
            }
            State::Done => None,
        }
    }

    /// Takes the bytes of the range that [`Self::next`] named. Fewer or more than those end the
    /// reading with a finding.
    pub fn feed(&mut self, bytes: &[u8]) {
        let Some(wanted) = self.next() else { return };
        if bytes.len() as u64 != wanted.end - wanted.start {
            return self.cut(&wanted, bytes.len());
        }
        match std::mem::replace(&mut self.state, State::Done) {
            State::First => {
                self.prefix = bytes.to_vec();
                self.first();
            }
            State::Window(range) => self.follow(range.start, bytes),
            State::Tail => self.tail(bytes),
            State::Directory(_) => self.directory(bytes),
            State::Header(_) => {
                self.prefix.extend_from_slice(bytes);
                self.parse_header();
            }
            State::Rest(_) => {
                self.prefix.extend_from_slice(bytes);
                self.finish_text();
            }
            State::Done => {}
        }
    }

    /// What was learnt. Called before [`Self::next`] has said `None`, it is what is known so far.
    pub fn finish(self) -> FileFacts {
        FileFacts {
            content: self.keep.then_some(self.prefix),
            path: self.path,
            size: self.size,
            format: self.format,
            header: self.header,
            findings: self.findings,
        }
    }

    fn cut(&mut self, wanted: &Range<u64>, given: usize) {
        let (path, wanted) = (self.path.as_str(), wanted.end - wanted.start);
        let message = format!("{path} cannot be read: {given} bytes came where {wanted} were asked for.");
        let remedy = "Upload the file again.";
        self.findings.push(Finding::error("corrupt_file", path, message, remedy));
        self.state = State::Done;
    }

    fn refuse(&mut self, format: Format, what: &str) {
        self.format = format;
        self.findings.extend(format.refusal(self.path.as_str(), what));
    }

    fn first(&mut self) {
        if let Some((format, what)) = formats::of_window(&self.prefix) {
            self.refuse(format, what);
        } else if zip::SIGNATURES.iter().any(|magic| self.prefix.starts_with(magic)) {
            self.format = Format::Archive;
            self.state = State::Tail;
        } else {
            let window = self.prefix.clone();
            self.follow(0, &window);
        }
    }

    fn follow(&mut self, start: u64, window: &[u8]) {
        self.windows += 1;
        match self.walk.step(start, window, self.size) {
            pickle::Step::Pickle => self.refuse(Format::Pickle, "a Python pickle"),
            pickle::Step::NotPickle => self.settle(),
            pickle::Step::More(at) => {
                let stuck = at == start && window.len() as u64 >= LONG_WINDOW_BYTES;
                if stuck || self.windows >= MAX_WINDOWS {
                    self.undecided();
                } else {
                    let length = if at == start { LONG_WINDOW_BYTES } else { WINDOW_BYTES };
                    self.state = State::Window(at..self.size.min(at.saturating_add(length)));
                }
            }
        }
    }

    /// So far every byte has been that of a pickle. Header lengths of safetensors files may look
    /// so, and such a file is checked to its last byte anyway.
    fn undecided(&mut self) {
        if formats::is_safetensors(self.size, &self.prefix) {
            self.settle();
        } else {
            self.refuse(Format::Pickle, "a Python pickle as far as it was read");
        }
    }

    /// It is neither a pickle nor an archive nor a program.
    fn settle(&mut self) {
        let named_so = self.path.as_str().to_ascii_lowercase().ends_with(".safetensors");
        if named_so || formats::is_safetensors(self.size, &self.prefix) {
            self.format = Format::Safetensors;
            return match Header::length(self.size, &self.prefix) {
                Err(bad) => self.bad_weights(&bad),
                Ok(length) => {
                    let (have, end) = (self.prefix.len() as u64, PREFIX_BYTES + length);
                    if have >= end { self.parse_header() } else { self.state = State::Header(have..end) }
                }
            };
        }
        let whole = self.prefix.len() as u64 == self.size;
        self.format = formats::text_or_other(&self.prefix, whole);
        let Some(limit) = longest_kept(self.path.as_str()) else { return };
        if self.size > limit {
            self.too_long(limit);
        } else if whole {
            self.finish_text();
        } else {
            self.state = State::Rest(self.prefix.len() as u64..self.size);
        }
    }

    fn parse_header(&mut self) {
        let parsed = Header::length(self.size, &self.prefix).and_then(|length| {
            let end = usize::try_from(PREFIX_BYTES + length).ok();
            let header = end.and_then(|end| self.prefix.get(8..end)).unwrap_or_default();
            Header::parse(self.size, header)
        });
        self.prefix = Vec::new();
        match parsed {
            Ok(header) => self.header = Some(header),
            Err(bad) => self.bad_weights(&bad),
        }
    }

    fn bad_weights(&mut self, bad: &BadWeights) {
        self.findings.push(bad.finding(self.path.as_str()));
    }

    fn finish_text(&mut self) {
        self.format = formats::text_or_other(&self.prefix, true);
        self.keep = true;
    }

    fn too_long(&mut self, limit: u64) {
        let (path, size) = (self.path.as_str(), self.size);
        let message = format!("{path} has {size} bytes, and at most {limit} are read of it.");
        let remedy = "Such files are small: move data into other files of the release.";
        // Nothing is run by these.
        let aside = ["README.md", tokenization::CONFIG_FILE, tokenization::TEMPLATE_FILE].contains(&path);
        let severity = if aside { Severity::Warning } else { Severity::Error };
        self.findings.push(Finding::error("config_malformed", path, message, remedy).with_severity(severity));
    }

    fn tail(&mut self, tail: &[u8]) {
        match zip::directory(self.size, tail) {
            Ok(range) if range.is_empty() => self.directory(&[]),
            Ok(range) => {
                let from = self.size - tail.len() as u64;
                let at = range.start.checked_sub(from).and_then(|at| usize::try_from(at).ok());
                let end = usize::try_from(range.end.saturating_sub(from)).unwrap_or(usize::MAX);
                match at.and_then(|at| tail.get(at..end)) {
                    Some(directory) => self.directory(directory),
                    None => self.state = State::Directory(range),
                }
            }
            Err(bad) => self.bad_zip(bad),
        }
    }

    fn directory(&mut self, directory: &[u8]) {
        match zip::of_directory(directory) {
            Ok((format, what)) => self.refuse(format, what),
            Err(bad) => self.bad_zip(bad),
        }
    }

    fn bad_zip(&mut self, bad: zip::BadZip) {
        let path = self.path.as_str();
        let message = format!("{path} is a zip archive that cannot be read: {bad}.");
        let remedy = "The copy is incomplete or damaged: fetch or save the file again.";
        self.findings.push(Finding::error("corrupt_file", path, message, remedy));
    }
}

/// How much of a file at the top of the release is kept whole, in bytes; `None` for files whose text
/// does not matter.
fn longest_kept(path: &str) -> Option<u64> {
    match path {
        "config.json" | "adapter_config.json" | "head_config.json" | "README.md" => Some(MAX_TEXT_BYTES),
        tokenization::CONFIG_FILE | tokenization::TEMPLATE_FILE => Some(MAX_TOKENIZATION_BYTES),
        _ if path.ends_with(".safetensors.index.json") && !path.contains('/') => Some(MAX_INDEX_BYTES),
        _ => None,
    }
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
