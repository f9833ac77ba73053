use proptest::prelude::*;

use super::*;

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Reads a file whose bytes are made on demand, and counts the bytes that were asked for.
fn read_sparse(path: &str, size: u64, bytes: impl Fn(Range<u64>) -> Vec<u8>) -> (FileFacts, u64) {
    let mut reading = Reading::start(path.parse().unwrap(), size);
    let mut total = 0;
    while let Some(range) = reading.next() {
        assert!(range.start < range.end && range.end <= size && range.end - range.start <= MAX_RANGE_BYTES);
        total += range.end - range.start;
        assert!(total <= 100 << 20, "it does not come to an end");
        reading.feed(&bytes(range));
    }
    (reading.finish(), total)
}

fn read(path: &str, bytes: &[u8]) -> FileFacts {
    let slice = |range: Range<u64>| {
        bytes[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()].to_vec()
    };
    read_sparse(path, bytes.len() as u64, slice).0
}

fn rules(facts: &FileFacts) -> Vec<&str> {
    facts.findings.iter().map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn weights_are_read_by_content_under_any_name() {
    let bytes = fixture("tiny/bert/adapters/lora/adapter_model.safetensors");
    for path in ["adapter_model.safetensors", "weights.bin", "notes.txt"] {
        let facts = read(path, &bytes);
        assert_eq!((facts.format, rules(&facts)), (Format::Safetensors, vec![]));
        assert_eq!(facts.header.unwrap().tensors.len(), 10);
        assert_eq!(facts.content, None);
    }
}

#[test]
fn pickles_are_refused_under_any_name() {
    let archive = fixture("bad/pickle_adapter/adapter_model.bin");
    let plain = b"\x80\x02cposix\nsystem\nq\x00X\x05\x00\x00\x00touchq\x01\x85q\x02Rq\x03.".to_vec();
    let old = b"cposix\nsystem\n(Vtouch\ntR.".to_vec();
    for path in
        ["adapter_model.bin", "model.safetensors", "README.md", "config.json", "LICENSE.txt", "a/b.png"]
    {
        for bytes in [&archive, &plain, &old] {
            let facts = read(path, bytes);
            assert_eq!((facts.format, rules(&facts)), (Format::Pickle, vec!["pickle_refused"]), "{path}");
        }
    }
}

#[test]
fn a_pickle_behind_a_long_text_is_refused() {
    let mut bytes = b"V".to_vec();
    bytes.extend(std::iter::repeat_n(b'x', 300_000));
    bytes.extend(b"\n0cposix\nsystem\n(Vtouch\ntR.");
    assert_eq!(rules(&read("notes.txt", &bytes)), ["pickle_refused"]);
    // Beyond what is followed, what has been a pickle so far counts as one.
    let mut bytes = b"V".to_vec();
    bytes.extend(std::iter::repeat_n(b'x', 3_000_000));
    assert_eq!(rules(&read("notes.txt", &bytes)), ["pickle_refused"]);
}

#[test]
fn a_pickle_of_terabytes_is_refused_from_a_few_windows() {
    let head = [b"\x80\x04\x8e".as_slice(), &(1u64 << 40).to_le_bytes()].concat();
    let (facts, total) = read_sparse("model.bin", 1 << 41, |range| {
        let mut bytes = vec![b'N'; usize::try_from(range.end - range.start).unwrap()];
        if range.start == 0 {
            bytes[..head.len()].copy_from_slice(&head);
        }
        bytes
    });
    assert_eq!(rules(&facts), ["pickle_refused"]);
    assert!(total < 4 << 20, "{total}");
}

#[test]
fn torchscript_is_accepted() {
    for path in ["torchscript/head.pt", "torchscript/bridge.pt", "bad/infinite_loop/module.pt"] {
        let facts = read("module.pt", &fixture(path));
        assert_eq!((facts.format, rules(&facts)), (Format::TorchScript, vec![]), "{path}");
    }
}

#[test]
fn other_archives_and_programs_are_refused() {
    for (path, bytes) in [
        ("data.txt", b"\x1f\x8b\x08\0\0".as_slice()),
        ("libx.so.txt", b"\x7fELF\x02\x01\x01"),
        ("empty.zip", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    ] {
        assert_eq!(rules(&read(path, bytes)), ["file_type_refused"], "{path}");
    }
}

#[test]
fn damaged_files_say_so() {
    let facts = read("adapter_model.safetensors", &fixture("bad/truncated/adapter_model.safetensors"));
    assert_eq!((rules(&facts), &facts.header), (vec!["corrupt_file"], &None));
    let head = fixture("torchscript/head.pt");
    assert_eq!(rules(&read("head.pt", &head[..70_000])), ["corrupt_file"]);
    assert_eq!(rules(&read("model.safetensors", b"")), ["corrupt_file"]);
    assert_eq!(rules(&read("model.safetensors", b"not weights at all")), ["header_too_large"]);
}

#[test]
fn a_header_bomb_is_refused_from_the_first_window() {
    let (facts, total) = read_sparse("adapter_model.safetensors", 1 << 61, |range| {
        let mut bytes = vec![b' '; usize::try_from(range.end - range.start).unwrap()];
        bytes[..8].copy_from_slice(&(1u64 << 60).to_le_bytes());
        bytes
    });
    assert_eq!((rules(&facts), total), (vec!["header_too_large"], WINDOW_BYTES));
}

#[test]
fn long_headers_are_read_in_a_second_step() {
    let name = "n".repeat(100_000);
    let header = format!(r#"{{"{name}":{{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}}}"#);
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.push(0);
    let facts = read("model.safetensors", &bytes);
    assert_eq!(rules(&facts), Vec::<&str>::new());
    assert_eq!(facts.header.unwrap().tensors[0].name, name);
}

#[test]
fn configs_and_cards_are_kept_whole_up_to_their_limit() {
    let long = format!("# Card\n{}", "é".repeat(100_000));
    assert_eq!(read("README.md", long.as_bytes()).content.as_deref(), Some(long.as_bytes()));
    assert_eq!(read("config.json", b"{}").content.as_deref(), Some(b"{}".as_slice()));
    assert_eq!(read("docs/config.json", b"{}").content, None);
    let huge = vec![b' '; (1 << 20) + 1];
    let facts = read("config.json", &huge);
    assert_eq!((rules(&facts), &facts.content), (vec!["config_malformed"], &None));
    assert!(!read("README.md", &huge).findings[0].refuses());
}

#[test]
fn an_empty_config_is_kept_to_be_complained_of() {
    assert_eq!(read("config.json", b"").content, Some(vec![]));
    assert_eq!(read("empty.txt", b"").content, None);
}

#[test]
fn short_reads_are_a_finding() {
    let mut reading = Reading::start("config.json".parse().unwrap(), 100);
    reading.feed(b"{}");
    assert_eq!(reading.next(), None);
    assert_eq!(rules(&reading.finish()), ["corrupt_file"]);
}

proptest! {
    #[test]
    fn any_file_is_read_or_refused(
        path in prop::sample::select(vec!["config.json", "model.safetensors", "x.pt", "README.md", "x"]),
        head in prop::sample::select(vec![b"".as_slice(), b"PK\x03\x04", b"\x80\x02", b"c", b"\x93NUMPY", b"MZ"]),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        read(path, &[head, &bytes].concat());
    }
}
