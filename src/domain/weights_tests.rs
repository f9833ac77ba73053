use proptest::prelude::*;

use super::*;

/// A file with this header and this many data bytes.
fn file(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

fn refusal(header: &str, data: usize) -> BadWeights {
    Header::of(&file(header, data)).expect_err("a malformed header was read")
}

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

const ONE: &str = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;

#[test]
fn the_header_of_a_real_adapter_is_read() {
    let bytes = fixture("minilm/adapters/lora_r8/adapter_model.safetensors");
    let header = Header::of(&bytes).unwrap();
    assert_eq!(header.metadata["format"], "pt");
    assert_eq!(header.tensors.len(), 26);
    let bias = header.get("base_model.model.classifier.bias").unwrap();
    assert_eq!((bias.dtype.as_str(), bias.shape.as_slice(), bias.elements()), ("float32", &[6][..], 6));
    // Its header says [294912, 294936], and the data begin behind 8 + 3520 bytes.
    assert_eq!((bias.begin, bias.end), (298_440, 298_464));
    assert!(header.tensors.is_sorted_by_key(|tensor| tensor.name.clone()));
}

#[test]
fn a_truncated_file_is_refused() {
    let bytes = fixture("bad/truncated/adapter_model.safetensors");
    let refusal = Header::of(&bytes).unwrap_err();
    let BadWeights::Truncated { ref tensor, end, size } = refusal else { panic!("{refusal}") };
    assert_eq!((tensor.as_str(), end, size), ("base_model.model.classifier.weight", 6044, 5947));
    let finding = refusal.finding("adapter_model.safetensors");
    assert_eq!(finding.rule, "corrupt_file");
    assert!(finding.message.contains("the file ends before the last tensor"), "{}", finding.message);
}

#[test]
fn a_header_bomb_is_refused_from_its_first_eight_bytes() {
    let bytes = fixture("bad/header_bomb/adapter_model.safetensors");
    let refusal = Header::length(bytes.len() as u64, &bytes[..8]).unwrap_err();
    assert_eq!(refusal, BadWeights::HeaderTooLarge(1 << 60));
    assert_eq!(refusal.finding("x").rule, "header_too_large");
}

#[test]
fn the_longest_header_is_a_limit_of_its_own() {
    let announced = (MAX_HEADER_BYTES + 1).to_le_bytes();
    assert_eq!(Header::length(u64::MAX, &announced), Err(BadWeights::HeaderTooLarge(MAX_HEADER_BYTES + 1)));
    assert_eq!(Header::length(u64::MAX, &MAX_HEADER_BYTES.to_le_bytes()), Ok(MAX_HEADER_BYTES));
}

#[test]
fn files_that_end_in_their_header_are_refused() {
    assert_eq!(Header::of(&[]), Err(BadWeights::TooShort(0)));
    assert_eq!(Header::of(&[1; 7]), Err(BadWeights::TooShort(7)));
    let cut = &file(ONE, 8)[..20];
    assert_eq!(Header::of(cut), Err(BadWeights::HeaderPastEnd { end: 8 + ONE.len() as u64, size: 20 }));
}

#[test]
fn a_file_without_tensors_is_a_file() {
    assert_eq!(Header::of(&file("{}", 0)).unwrap(), Header::default());
}

#[test]
fn scalars_and_empty_tensors_have_their_sizes() {
    let header = r#"{"e":{"dtype":"I64","shape":[0,3],"data_offsets":[2,2]},
                     "s":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}}   "#;
    let header = Header::of(&file(header, 2)).unwrap();
    assert_eq!(header.get("e").unwrap().elements(), 0);
    assert_eq!(header.get("s").unwrap().elements(), 1);
}

#[test]
fn unclaimed_bytes_are_refused() {
    assert!(matches!(refusal(ONE, 9), BadWeights::TrailingBytes { .. }));
    assert!(matches!(refusal("{}", 1), BadWeights::TrailingBytes { .. }));
    let gap = r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#;
    assert_eq!(refusal(gap, 2), BadWeights::Gap { tensor: "a".into(), from: 0, to: 1 });
}

#[test]
fn overlapping_tensors_are_refused() {
    let overlap = r#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},
                      "b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#;
    assert_eq!(refusal(overlap, 3), BadWeights::Overlap { tensor: "b".into(), begin: 1, previous_end: 2 });
}

#[test]
fn ranges_have_to_be_as_long_as_their_shapes() {
    for offsets in ["[0,7]", "[0,9]", "[8,0]"] {
        let header = format!(r#"{{"a":{{"dtype":"F32","shape":[2],"data_offsets":{offsets}}}}}"#);
        assert!(matches!(refusal(&header, 8), BadWeights::WrongSize { expected: 8, .. }), "{offsets}");
    }
}

#[test]
fn products_that_overflow_are_refused() {
    let header = r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#;
    assert_eq!(refusal(header, 0), BadWeights::Overflow("a".into()));
    let header =
        r#"{"a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,18446744073709551615]}}"#;
    assert_eq!(refusal(header, 0), BadWeights::Overflow("a".into()));
}

#[test]
fn half_bytes_are_refused() {
    let header = r#"{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}"#;
    assert_eq!(refusal(header, 1), BadWeights::PartialByte("a".into()));
    let whole = r#"{"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}}"#;
    assert!(Header::of(&file(whole, 2)).is_ok());
}

#[test]
fn duplicate_names_are_refused() {
    let twice = r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},
                    "a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#;
    assert_eq!(refusal(twice, 2), BadWeights::DuplicateName("a".into()));
    assert!(matches!(refusal(r#"{"__metadata__":{},"__metadata__":{}}"#, 0), BadWeights::Json(_)));
}

#[test]
fn unknown_element_types_are_refused() {
    let header = r#"{"a":{"dtype":"float32","shape":[1],"data_offsets":[0,4]}}"#;
    assert!(matches!(refusal(header, 4), BadWeights::UnknownDtype { .. }));
}

#[test]
fn texts_that_are_no_header_are_refused() {
    for header in [
        "",
        "[]",
        " {}",
        "{",
        "{}x",
        r#"{"a":1}"#,
        r#"{"a":{}}"#,
        r#"{"a":["U8",[1],[0,1]]}"#,
        r#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}"#,
        r#"{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}"#,
        r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}"#,
        r#"{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}"#,
        r#"{"__metadata__":{"a":{"b":"c"}}}"#,
        r#"{"__metadata__":7}"#,
    ] {
        assert!(matches!(refusal(header, 1), BadWeights::Json(_) | BadWeights::NotAnObject), "{header}");
    }
    let mut bytes = file("{\"a\u{e9}\"}", 0);
    bytes[11] = 0xff;
    assert_eq!(Header::of(&bytes), Err(BadWeights::NotUtf8(3)));
}

#[test]
fn deep_nesting_is_refused_and_does_not_exhaust_the_stack() {
    let deep = "[".repeat(2_000_000);
    for header in [
        format!(r#"{{"a":{deep}"#),
        format!(r#"{{"a":{{"x":{deep}"#),
        format!(r#"{{"a":{{"shape":{deep}"#),
        format!(r#"{{"__metadata__":{deep}"#),
    ] {
        assert!(matches!(refusal(&header, 0), BadWeights::Json(_)));
    }
}

#[test]
fn a_shape_of_more_than_64_dimensions_is_refused() {
    let ones = |rank: usize| vec!["1"; rank].join(",");
    let header = |rank| format!(r#"{{"a":{{"dtype":"U8","shape":[{}],"data_offsets":[0,1]}}}}"#, ones(rank));
    assert!(Header::of(&file(&header(64), 1)).is_ok());
    assert!(matches!(refusal(&header(65), 1), BadWeights::Json(_)));
}

#[test]
fn names_from_files_do_not_flood_or_forge_messages() {
    let name = format!("\\u001b[31m{}", "x".repeat(10_000));
    let header = format!(r#"{{"{name}":{{"dtype":"F99","shape":[1],"data_offsets":[0,1]}}}}"#);
    let message = refusal(&header, 1).to_string();
    assert!(message.len() < 300 && !message.contains('\u{1b}'), "{message}");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Header::of(&bytes);
    }

    #[test]
    fn any_header_of_the_right_length_is_read_or_refused(
        header in r#"\{("[ab]":\{"dtype":"(U8|F32|F4|x)","shape":\[[0-9,]{0,40}\],"data_offsets":\[[0-9]{1,20},[0-9]{1,20}\]\},?){0,4}\}? ?"#,
        data in 0usize..64,
    ) {
        if let Ok(header) = Header::of(&file(&header, data)) {
            let bytes: u64 = header.tensors.iter().map(|tensor| tensor.end - tensor.begin).sum();
            prop_assert_eq!(bytes, data as u64);
        }
    }

    #[test]
    fn what_lies_side_by_side_is_found_where_it_lies(sizes in prop::collection::vec(0u64..50, 1..20)) {
        let mut at = 0;
        let entries: Vec<String> = sizes.iter().enumerate().map(|(i, size)| {
            let begin = at;
            at += size;
            format!(r#""t{i:02}":{{"dtype":"U8","shape":[{size}],"data_offsets":[{begin},{at}]}}"#)
        }).collect();
        let bytes = file(&format!("{{{}}}", entries.join(",")), at as usize);
        let header = Header::of(&bytes).unwrap();
        prop_assert_eq!(header.tensors.iter().map(Tensor::elements).collect::<Vec<_>>(), sizes);
        prop_assert_eq!(header.tensors.iter().map(|tensor| tensor.end).max(), Some(bytes.len() as u64));
        // One byte less, and the file is refused.
        prop_assert!(Header::of(&bytes[..bytes.len() - 1]).is_err());
    }
}
