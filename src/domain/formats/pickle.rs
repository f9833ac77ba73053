//! Recognises Python pickles of every protocol by walking over their opcodes, without running any.
//!
//! A pickle does its harm before it ends, so a file counts as one as soon as an opcode is reached
//! that calls something, whatever follows. Opcodes are those of Python's `pickletools`.

/// The walk over a file's opcodes. It is fed windows of the file, and says which it wants next.
#[derive(Debug, Default)]
pub struct Walk {
    position: u64,
    opcodes: u64,
    depth: u64,
    marks: Vec<u64>,
    /// It begins with a protocol number, as all pickles since protocol 2 do.
    numbered: bool,
    /// A class or function was named.
    imported: bool,
}

/// What the walk found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is a pickle.
    Pickle,
    /// It is none.
    NotPickle,
    /// The window ended first: feed one that begins here.
    More(u64),
}

/// The most opened marks that are followed; beyond them it is a pickle, and a hostile one.
const MAX_MARKS: usize = 100_000;
/// The fewest opcodes of a pickle that names nothing and has no protocol number: shorter ones are
/// texts such as `N.`.
const MIN_OPCODES: u64 = 4;

/// What follows an opcode.
enum Argument {
    Bytes(u64),
    /// A length of this many bytes, and as many bytes.
    Counted(u64),
    Line(fn(&[u8]) -> bool),
    TwoLines,
}

/// What an opcode does to the stack.
enum Effect {
    /// Takes this many and puts this many.
    Stack(u64, u64),
    Mark,
    /// Takes all down to the mark and this many below, and puts this many.
    ToMark(u64, u64),
    /// As `Stack`, and calls what was named.
    Call(u64),
    /// As `ToMark` with one put, and calls.
    CallToMark,
    Import(u64),
    Stop,
}

impl Walk {
    /// Goes on over `window`, which begins at byte `start` of a file of `size` bytes. The first
    /// window begins at 0, each other where [`Step::More`] says.
    pub fn step(&mut self, start: u64, window: &[u8], size: u64) -> Step {
        loop {
            let at = self.position.checked_sub(start).and_then(|at| usize::try_from(at).ok());
            let rest = at.and_then(|at| window.get(at..)).unwrap_or_default();
            let at_end = self.position + rest.len() as u64 >= size;
            let Some((&opcode, after)) = rest.split_first() else {
                return if self.position >= size { self.cut() } else { Step::More(self.position) };
            };
            let Some((argument, effect)) = meaning(opcode) else { return Step::NotPickle };
            let length = match argument.length(after) {
                Length::Is(length) => length,
                Length::Wrong => return Step::NotPickle,
                Length::Cut if at_end => return self.cut(),
                Length::Cut => return Step::More(self.position),
            };
            self.numbered |= self.opcodes == 0 && opcode == 0x80;
            if opcode == 0x80 && after.first().is_some_and(|protocol| *protocol > 5) {
                return Step::NotPickle;
            }
            self.opcodes += 1;
            self.position = self.position.saturating_add(1).saturating_add(length);
            if self.position > size {
                return self.cut();
            }
            if let Some(found) = self.apply(&effect, size, after) {
                return found;
            }
        }
    }

    /// The file ends inside of an opcode. Python would have run what came before, which was no call.
    fn cut(&self) -> Step {
        if self.numbered && self.opcodes >= 2 { Step::Pickle } else { Step::NotPickle }
    }

    fn apply(&mut self, effect: &Effect, size: u64, after: &[u8]) -> Option<Step> {
        match effect {
            Effect::Stack(takes, puts) => self.take(*takes, *puts),
            Effect::Mark => {
                self.marks.push(self.depth);
                (self.marks.len() > MAX_MARKS).then_some(Step::Pickle)
            }
            Effect::ToMark(below, puts) => self.take_to_mark(*below, *puts),
            Effect::Call(takes) => self.take(*takes, 1).or(self.imported.then_some(Step::Pickle)),
            Effect::CallToMark => self.take_to_mark(0, 1).or(Some(Step::Pickle)),
            Effect::Import(takes) => {
                self.imported = true;
                self.take(*takes, 1)
            }
            Effect::Stop => Some(self.stop(size, after)),
        }
    }

    fn take(&mut self, takes: u64, puts: u64) -> Option<Step> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.depth.checked_sub(takes).filter(|left| *left >= floor) {
            Some(left) => {
                self.depth = left + puts;
                None
            }
            None => Some(Step::NotPickle),
        }
    }

    fn take_to_mark(&mut self, below: u64, puts: u64) -> Option<Step> {
        let Some(mark) = self.marks.pop() else { return Some(Step::NotPickle) };
        self.depth = mark;
        self.take(below, below + puts)
    }

    fn stop(&self, size: u64, after: &[u8]) -> Step {
        let ends = after.trim_ascii().is_empty() && self.position + after.len() as u64 >= size;
        let whole = self.opcodes >= MIN_OPCODES && self.depth == 1 && ends;
        let pickle = self.depth >= 1 && (self.numbered || self.imported || whole);
        if pickle { Step::Pickle } else { Step::NotPickle }
    }
}

enum Length {
    Is(u64),
    Wrong,
    /// The argument goes on behind the window.
    Cut,
}

impl Argument {
    fn length(&self, after: &[u8]) -> Length {
        match self {
            Self::Bytes(length) => Length::Is(*length),
            Self::Counted(width) => {
                let width_ = usize::try_from(*width).unwrap_or(8);
                let Some(digits) = after.get(..width_) else { return Length::Cut };
                let count = digits.iter().rev().fold(0u64, |count, digit| count << 8 | u64::from(*digit));
                Length::Is(count.saturating_add(*width))
            }
            Self::Line(valid) => match line(after) {
                Some(line) if valid(line) => Length::Is(line.len() as u64 + 1),
                Some(_) => Length::Wrong,
                None => Length::Cut,
            },
            Self::TwoLines => {
                let Some(module) = line(after) else { return Length::Cut };
                if !is_dotted_name(module) {
                    return Length::Wrong;
                }
                match line(&after[module.len() + 1..]) {
                    Some(name) if is_dotted_name(name) => Length::Is((module.len() + name.len() + 2) as u64),
                    Some(_) => Length::Wrong,
                    None => Length::Cut,
                }
            }
        }
    }
}

fn line(bytes: &[u8]) -> Option<&[u8]> {
    bytes.iter().position(|byte| *byte == b'\n').map(|end| &bytes[..end])
}

fn is_number(line: &[u8]) -> bool {
    let digits = line.strip_suffix(b"L").unwrap_or(line).trim_ascii();
    let digits = digits.strip_prefix(b"-").unwrap_or(digits);
    !digits.is_empty() && digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'_')
}

fn is_float(line: &[u8]) -> bool {
    std::str::from_utf8(line).is_ok_and(|text| text.trim().parse::<f64>().is_ok())
}

fn is_quoted(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.len() >= 2 && line.first() == line.last() && matches!(line.first(), Some(b'\'' | b'"'))
}

fn is_dotted_name(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let word =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'<' | b'>') || *byte >= 128;
    !line.is_empty() && line.iter().all(word)
}

const fn anything(_: &[u8]) -> bool {
    true
}

/// What an opcode carries and does; `None` for bytes that are no opcode.
const fn meaning(opcode: u8) -> Option<(Argument, Effect)> {
    use Argument::{Bytes, Counted, Line, TwoLines};
    use Effect::{Call, CallToMark, Import, Mark, Stack, Stop, ToMark};
    Some(match opcode {
        b'(' => (Bytes(0), Mark),
        b'.' => (Bytes(0), Stop),
        b'0' => (Bytes(0), Stack(1, 0)),
        b'1' => (Bytes(0), ToMark(0, 0)),
        b'2' => (Bytes(0), Stack(1, 2)),
        b'I' | b'L' => (Line(is_number), Stack(0, 1)),
        b'F' => (Line(is_float), Stack(0, 1)),
        b'S' => (Line(is_quoted), Stack(0, 1)),
        b'V' | b'P' => (Line(anything), Stack(0, 1)),
        b'g' => (Line(is_number), Stack(0, 1)),
        b'p' => (Line(is_number), Stack(1, 1)),
        b'N' | b']' | b'}' | b')' | 0x88 | 0x89 | 0x8f | 0x97 => (Bytes(0), Stack(0, 1)),
        b'J' | b'j' => (Bytes(4), Stack(0, 1)),
        b'K' | b'h' => (Bytes(1), Stack(0, 1)),
        b'M' => (Bytes(2), Stack(0, 1)),
        b'G' => (Bytes(8), Stack(0, 1)),
        b'q' => (Bytes(1), Stack(1, 1)),
        b'r' => (Bytes(4), Stack(1, 1)),
        b'Q' | 0x98 | 0x94 | 0x85 => (Bytes(0), Stack(1, 1)),
        0x86 => (Bytes(0), Stack(2, 1)),
        0x87 => (Bytes(0), Stack(3, 1)),
        b'T' | b'X' | b'B' | 0x8b => (Counted(4), Stack(0, 1)),
        b'U' | b'C' | 0x8a | 0x8c => (Counted(1), Stack(0, 1)),
        0x8d | 0x8e | 0x96 => (Counted(8), Stack(0, 1)),
        b'a' => (Bytes(0), Stack(2, 1)),
        b's' => (Bytes(0), Stack(3, 1)),
        b'd' | b'l' | b't' | 0x91 => (Bytes(0), ToMark(0, 1)),
        b'e' | b'u' | 0x90 => (Bytes(0), ToMark(1, 0)),
        b'c' => (TwoLines, Import(0)),
        0x93 => (Bytes(0), Import(2)),
        0x82 => (Bytes(1), Import(0)),
        0x83 => (Bytes(2), Import(0)),
        0x84 => (Bytes(4), Import(0)),
        b'R' | b'b' | 0x81 => (Bytes(0), Call(2)),
        0x92 => (Bytes(0), Call(3)),
        b'o' => (Bytes(0), CallToMark),
        b'i' => (TwoLines, CallToMark),
        0x80 => (Bytes(1), Stack(0, 0)),
        0x95 => (Bytes(8), Stack(0, 0)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_pickle(bytes: &[u8]) -> bool {
        match Walk::default().step(0, bytes, bytes.len() as u64) {
            Step::Pickle => true,
            Step::NotPickle => false,
            Step::More(at) => panic!("asked for byte {at} of a file that was given whole"),
        }
    }

    /// What CPython's `pickle.dumps` writes, by protocol.
    const WRITTEN: [(&str, &[u8]); 9] = [
        ("{'a': 1} in 0", b"(dp0\nVa\np1\nI1\ns."),
        ("{'a': 1} in 1", b"}q\x00X\x01\x00\x00\x00aq\x01K\x01s."),
        ("{'a': 1} in 2", b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x01s."),
        ("{'a': 1} in 4", b"\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94K\x01s."),
        ("[1.5, None, 'x'] in 0", b"(lp0\nF1.5\naNaVx\np1\na."),
        ("the legacy magic number of torch", b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."),
        ("os.system in 0", b"cposix\nsystem\np0\n(Vtouch x\np1\ntp2\nRp3\n."),
        ("os.system in 4",
         b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x01x\x94\x85\x94R\x94."),
        ("an old-style instance in 0", b"(ios\nsystem\np0\n."),
    ];

    #[test]
    fn pickles_of_every_protocol_are_recognised() {
        for (what, bytes) in WRITTEN {
            assert!(is_pickle(bytes), "{what}");
        }
    }

    #[test]
    fn a_pickle_that_calls_and_then_breaks_is_a_pickle() {
        assert!(is_pickle(b"cposix\nsystem\n(Vtouch x\ntR\xff\xff not an opcode"));
        assert!(is_pickle(b"\x80\x02cposix\nsystem\n(X\x01\x00\x00\x00xtR"));
    }

    #[test]
    fn texts_are_no_pickles() {
        for text in [
            "",
            "N.",
            "I am a text.\n",
            "I1\n.",
            "cat\ndog\nbird\n",
            "c\no\nm\n",
            "(see below).",
            "# Title\n\ntext.",
            "{\"a\": 1}",
            "[1, 2]",
            "]]}.",
            "0.",
            "S'quoted'\n.",
            "collections\nOrderedDict\nvalues\n",
            "\u{80}\u{2}",
        ] {
            assert!(!is_pickle(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn lengths_of_safetensors_headers_are_no_pickles() {
        // 640 bytes of header begin with 0x80 0x02, as a pickle of protocol 2 does.
        let mut bytes = 640u64.to_le_bytes().to_vec();
        bytes.extend(br#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#);
        assert!(!is_pickle(&bytes));
    }

    #[test]
    fn a_long_argument_is_skipped_and_not_read() {
        let mut bytes = b"X".to_vec();
        bytes.extend(1_000_000u32.to_le_bytes());
        let size = 1_000_100;
        let mut walk = Walk::default();
        assert_eq!(walk.step(0, &bytes, size), Step::More(1_000_005));
        assert_eq!(walk.step(1_000_005, b"0cos\nsystem\n(tR", size), Step::Pickle);
    }

    #[test]
    fn a_line_that_is_cut_is_asked_for_again() {
        let mut walk = Walk::default();
        assert_eq!(walk.step(0, b"NVabc", 1000), Step::More(1));
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            is_pickle(&bytes);
        }

        #[test]
        fn any_opcodes_come_to_an_end_in_any_windows(
            bytes in prop::collection::vec(prop::sample::select(b"(.012FIJKLMNPQRSTUVXabcdefghijlopqrstu})]\n1\x80\x02\x93".to_vec()), 0..80),
            cut in 1usize..80,
        ) {
            let size = bytes.len() as u64;
            let whole = is_pickle(&bytes);
            let mut walk = Walk::default();
            let mut step = walk.step(0, &bytes[..cut.min(bytes.len())], size);
            if let Step::More(at) = step {
                step = walk.step(at, &bytes[usize::try_from(at).unwrap()..], size);
            }
            prop_assert_eq!(step == Step::Pickle, whole);
        }
    }
}
